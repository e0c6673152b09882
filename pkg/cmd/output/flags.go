package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// The formats that commands have. Text is the default of every command and has
// no name.
const (
	Text          = ""
	JSON          = "json"
	YAML          = "yaml"
	Name          = "name"
	Wide          = "wide"
	GitHub        = "github"
	SARIF         = "sarif"
	Markdown      = "markdown"
	PEM           = "pem"
	CustomColumns = "custom-columns"
)

// textName is the name of Text where it has one.
const textName = "text"

// templates are the formats of cli-runtime that take an argument.
var templates = genericclioptions.NewKubeTemplatePrintFlags().AllowedFormats()

// Flags are --output and, for rows and objects, the flags that belong to it.
// Make them with ForRows, ForObjects, ForFindings, ForDiffs or ForData.
type Flags struct {
	format   string
	allowed  []string
	template *genericclioptions.KubeTemplatePrintFlags // nil where there are no templates

	rows      bool // there are --no-headers and --sort-by
	noHeaders bool
	sortBy    string
}

// ForRows returns the flags of a command whose result is a table.
func ForRows() *Flags {
	f := printFlags(JSON, YAML, Name, Wide)
	f.rows = true
	return f
}

// ForObjects returns the flags of a command that prints objects of Kubernetes.
func ForObjects() *Flags { return printFlags(JSON, YAML, Name) }

// ForFindings returns the flags of a command that reports findings.
func ForFindings() *Flags {
	return &Flags{allowed: []string{textName, Wide, JSON, YAML, GitHub, SARIF}}
}

// ForDiffs returns the flags of a command that reports differences.
func ForDiffs() *Flags { return &Flags{allowed: []string{textName, JSON, Markdown}} }

// ForData returns the flags of a command whose result is one value, or a text of
// its own, with further formats.
func ForData(further ...string) *Flags {
	return &Flags{allowed: append([]string{JSON, YAML}, further...)}
}

func printFlags(plain ...string) *Flags {
	f := &Flags{template: genericclioptions.NewKubeTemplatePrintFlags()}
	f.allowed = slices.Concat(plain, templates, []string{CustomColumns, CustomColumns + "-file"})
	return f
}

// Without takes formats away that make no sense for a command.
func (f *Flags) Without(formats ...string) *Flags {
	f.allowed = slices.DeleteFunc(f.allowed, func(format string) bool { return slices.Contains(formats, format) })
	return f
}

// AddTo adds the flags to a command.
func (f *Flags) AddTo(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.format, "output", "o", "", "output format: "+f.Formats())
	if f.template != nil {
		f.template.AddFlags(cmd)
		help.OptionsOnly(cmd.Flags(), "Templates", "template", "allow-missing-template-keys")
	}
	if f.rows {
		cmd.Flags().BoolVar(&f.noHeaders, "no-headers", false, "do not print headers")
		cmd.Flags().StringVar(&f.sortBy, "sort-by", "", "sort by this JSONPath of the items of -o json, such as {.expires}")
		help.OptionsOnly(cmd.Flags(), "Tables", "no-headers", "sort-by")
	}
	f.addModes(cmd)
	if err := cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(f.allowed, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // only if there is no such flag
	}
}

// addModes declares which formats read the flags for templates and tables.
func (f *Flags) addModes(cmd *cobra.Command) {
	help.Modes(cmd, help.Mode{Reads: "output"})
	templated := help.Mode{If: "output template", Reads: "template allow-missing-template-keys"}
	switch {
	case f.rows:
		help.Modes(cmd,
			help.Mode{If: "output=json,yaml,name", Reads: "sort-by"},
			help.Mode{If: "output=wide,custom-columns,custom-columns-file", Reads: "sort-by no-headers"},
			help.Mode{If: templated.If, Reads: templated.Reads + " sort-by"},
			help.Mode{Reads: "sort-by no-headers"})
	case f.template != nil:
		help.Modes(cmd, help.Mode{If: "output=json,yaml,name,custom-columns,custom-columns-file"}, templated)
	}
}

// ColorModes are the modes of --color: formats for programs are never coloured.
var ColorModes = []help.Mode{{If: "color=auto,never", Reads: "color"}, {If: "output=json,yaml,github,sarif,markdown"}, {Reads: "color"}}

// Formats lists the formats for a usage. The ones that take a template are counted
// as one; an error lists them all.
func (f *Flags) Formats() string {
	if f.template == nil {
		return strings.Join(f.allowed, ", ")
	}
	named := slices.DeleteFunc(slices.Clone(f.allowed), takesArgument)
	return strings.Join(named, ", ") + ", custom-columns=…, jsonpath=…, go-template=…"
}

// Format returns the format without its argument, and Text if there is none.
func (f *Flags) Format() string {
	name, _ := f.split()
	if name == Text && f.template != nil && *f.template.TemplateArgument != "" {
		return "go-template" // as in kubectl: --template alone
	}
	return name
}

// split returns the format and its argument: jsonpath={.items} is two.
func (f *Flags) split() (name, argument string) {
	name, argument, _ = strings.Cut(f.format, "=")
	if name == textName && slices.Contains(f.allowed, textName) {
		name = Text
	}
	return name, argument
}

// Is reports whether the format is one of some.
func (f *Flags) Is(formats ...string) bool { return slices.Contains(formats, f.Format()) }

// IsText reports whether the result is for people: text, or a wide table.
func (f *Flags) IsText() bool { return f.Is(Text, Wide) }

// Set selects a format, as the flag does.
func (f *Flags) Set(format string) { f.format = format }

// Validate refuses a format that the command does not have, and a template that
// does not parse.
func (f *Flags) Validate() error {
	if err := f.validateRows(); err != nil {
		return err
	}
	name, argument := f.split()
	switch {
	case name == Text && argument == "" && f.format != "=":
		return nil
	case !slices.Contains(f.allowed, name):
		return hint.Meant(fmt.Errorf("--output %q: must be one of %s", f.format, strings.Join(f.allowed, ", ")), name, f.allowed)
	case argument != "" && (f.template == nil || !takesArgument(name)):
		return fmt.Errorf("--output %q: %s takes no argument", f.format, name)
	}
	if !takesArgument(name) {
		return nil
	}
	_, err := f.printer()
	return err
}

func takesArgument(name string) bool {
	return slices.Contains(templates, name) || name == CustomColumns || name == CustomColumns+"-file"
}
