package lint

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// never is the value of --fail-on that no finding reaches.
const never = "never"

// Options are the input of the command.
type Options struct {
	IO      iostreams.IO
	Program string // as it was called, for what a text proposes
	Version string // of the program

	Output  *output.Flags
	Color   cmdutil.ColorFlag
	FailOn  string   // the severity from which on the command ends with ErrFound, or never
	Allow   []string // IDs of findings that are to be notes
	Explain string   // the ID to explain instead, or all

	// Project is the certs.yaml and the manifests beside it, and as of when they and
	// the paths are checked. Paths are what to check instead.
	Project project.Options
	Paths   []string

	files cmdutil.ProjectFlags
	asOf  cmdutil.AsOf
}

const long = "Check certs.yaml in each environment, and the CA certificates it names.\n" +
	"It reports what cert-manager, an ACME CA or a controller will reject or\n" +
	"ignore, what expires soon, and what does not belong in Git. Needs no cluster.\n\n" +
	"With PATH, check it instead of certs.yaml: a kustomization, a file, a folder,\n" +
	"- for stdin, or git:REVISION:PATH.\n\n" +
	"To accept a finding: --allow C203, allow: in an entry of trust, or annotation\n" +
	v1alpha1.AllowAnnotation + ": \"C203\" on an object.\n\n" +
	"Exit codes: 0 no findings, 1 errors or warnings (--fail-on), 2 failed."

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Version: f.Version, Output: output.ForFindings()}
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Check certs.yaml or manifests for certificate problems",
		Long:  long,
		Example: "  kubectl certs lint\n" +
			"  kubectl certs lint overlays/prod\n" +
			"  kubectl certs lint -f certs.yaml -f manifests/\n" +
			"  kubectl certs lint -o github --fail-on error\n" +
			"  kubectl certs lint --explain C101",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Program = cmd.Root().DisplayName()
			o.Project = o.files.Options(f)
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *Options) addFlags(cmd *cobra.Command) {
	o.files.AddFile(cmd, "certs.yaml", "certs.yaml and manifests to check: files, folders, - for stdin")
	o.files.AddRecursive(cmd)
	o.files.AddEnvironment(cmd, "only this environment")
	o.Output.AddTo(cmd)
	o.Color.AddTo(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&o.Allow, "allow", nil, "report these findings as notes, such as C203,T006")
	flags.StringVar(&o.FailOn, "fail-on", string(finding.Warning), "lowest severity that exits 1: error, warning, note, or never")
	o.asOf.AddTo(flags)
	flags.StringVar(&o.Explain, "explain", "", "explain a finding, such as C101; all lists them")
	cmdutil.Offer(cmd, "fail-on", failOnWords()...)
	var ids []string
	for _, r := range rules() {
		ids = append(ids, r.ID+"\t"+r.What)
	}
	cmdutil.Offer(cmd, "allow", ids...)
	cmdutil.Offer(cmd, "explain", append(ids, "all\tof them in a line each")...)
	const checking = "environment output allow fail-on as-of color"
	help.Modes(cmd,
		help.Mode{If: "PATH", Reads: checking},
		help.Mode{If: "explain", Reads: "explain"},
		help.Mode{If: "filename", Reads: "filename recursive " + checking},
		help.Mode{Reads: checking})
	help.Modes(cmd, output.ColorModes...)
}

func failOnWords() []string {
	var words []string
	for _, s := range finding.Severities() {
		words = append(words, string(s))
	}
	return append(words, never)
}

// complete takes the arguments, and refuses what is wrong about them and the
// flags.
func (o *Options) complete(args []string) error {
	if o.Explain != "" {
		return known("explain", o.Explain, "all")
	}
	if err := o.Output.Validate(); err != nil {
		return err
	}
	if err := o.Color.Validate(); err != nil {
		return err
	}
	if err := cmdutil.OneOf("fail-on", o.FailOn, failOnWords()...); err != nil {
		return err
	}
	for i, id := range o.Allow {
		o.Allow[i] = strings.TrimSpace(id)
		if err := known("allow", o.Allow[i]); err != nil {
			return err
		}
	}
	var err error
	if o.Project.Now, err = o.asOf.Time(); err != nil {
		return err
	}
	o.Paths = args
	if n := len(slices.DeleteFunc(slices.Clone(args), func(p string) bool { return p != source.Stdin })); n > 1 {
		return errors.New("stdin can be one path only")
	}
	return nil
}

// known refuses an ID that is not that of a finding, or one of some words.
func known(flag, id string, words ...string) error {
	isFinding := func(id string) bool {
		_, found := lint.RuleOf(id)
		return found
	}
	if isFinding(id) || slices.Contains(words, id) {
		return nil
	}
	return cmdutil.UnknownFinding(flag, id, isFinding, "kubectl certs lint --explain all lists them")
}
