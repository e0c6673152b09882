package help

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// modesKey is the annotation of a command that has its modes as JSON.
const modesKey = "kubectl-certs.dev/modes"

// Mode is one way to use a command, with the flags that are read in it.
type Mode struct {
	// If lists what selects the mode: flags, flags with values as in
	// output=json,yaml, and operands in capitals as in A,B. One of them is enough.
	// A mode without If is selected if no mode before it is.
	If string `json:",omitempty"`
	// Reads lists the flags that are read.
	Reads string `json:",omitempty"`
}

// Modes declares modes of which a command line selects at most one, the first. A
// flag that some of them read is refused unless the selected one reads it. Several
// calls declare independent choices, such as -f or -k beside --once. A flag that
// is in none of them is always refused, except kubectl's for the connection.
func Modes(cmd *cobra.Command, modes ...Mode) {
	data, err := json.Marshal(append(ModesOf(cmd), modes))
	if err != nil {
		panic(err) // strings can be marshalled
	}
	setAnnotation(cmd, modesKey, string(data))
	cmd.PreRunE = refuseUnread
}

// ModesOf returns what the calls of Modes declared.
func ModesOf(cmd *cobra.Command) [][]Mode {
	var choices [][]Mode
	if text := cmd.Annotations[modesKey]; text != "" {
		if err := json.Unmarshal([]byte(text), &choices); err != nil {
			panic(err) // Modes has marshalled it
		}
	}
	return choices
}

// readsNamespace reports whether a command reads --namespace in one of its modes.
func readsNamespace(cmd *cobra.Command) bool {
	for _, choice := range ModesOf(cmd) {
		for _, mode := range choice {
			if slices.Contains(strings.Fields(mode.Reads), "namespace") {
				return true
			}
		}
	}
	return false
}

// refuseUnread refuses flags that the command does not read.
func refuseUnread(cmd *cobra.Command, args []string) error {
	var errs []error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if isSet(flag) && !IsConnection(cmd, flag) && flag.Name != "help" {
			errs = append(errs, unread(cmd, flag, args))
		}
	})
	return problem.Join(errs...)
}

// IsConnection reports whether a flag is one of kubectl's that every command
// accepts, even if it does not contact a cluster: all but --namespace.
func IsConnection(cmd *cobra.Command, flag *pflag.Flag) bool {
	return cmd.Root().PersistentFlags().Lookup(flag.Name) != nil && flag.Name != "namespace"
}

// isSet reports whether a flag has a value that the user gave. A switch with its
// default is not set: --prune=false.
func isSet(flag *pflag.Flag) bool {
	isDefault := flag.NoOptDefVal != "" && flag.Value.String() == flag.DefValue
	return flag.Changed && flag.Value.String() != "" && !isDefault
}

// unread is the error for a flag that is not read, nil if it is.
func unread(cmd *cobra.Command, flag *pflag.Flag, args []string) error {
	used, advice := false, insteadOf(cmd, flag.Name)
	for _, modes := range ModesOf(cmd) {
		others := slices.DeleteFunc(slices.Clone(modes), func(m Mode) bool { return !m.reads(flag.Name) })
		selected, by := choose(cmd, modes, args)
		used = used || len(others) > 0
		switch {
		case len(others) == 0 || selected.reads(flag.Name):
			continue
		case by == "":
			needs := selectors(cmd, flag.Name, others)
			if file := named[flag.Name]; advice == "" && file != "" && needs == "-f" {
				advice = Retyped(cmd, "-f", file)
			}
			return advised(fmt.Errorf("%s needs %s", spell(flag), needs), advice)
		case advice == "" && slices.ContainsFunc(others, func(m Mode) bool { return m.reads("filename") }):
			advice = certsOperand(cmd, args)
		}
		if needs := selectors(cmd, flag.Name, others); advice == "" && needs != "" {
			advice = fmt.Sprintf("%s can be used with %s", spell(flag), needs)
		}
		return advised(fmt.Errorf("%s cannot be used with %s", spell(flag), by), advice)
	}
	if used {
		return nil
	}
	return advised(fmt.Errorf("this command does not use %s", spell(flag)), advice)
}

// named has what -f names for the flags that need it.
var named = map[string]string{"environment": "certs.yaml", "recursive": "FOLDER"}

// certsOperand returns the command with -f for an operand that is a certs.yaml, "" if
// none is.
func certsOperand(cmd *cobra.Command, args []string) string {
	for _, arg := range args {
		if project.IsCerts(arg) {
			return Retyped(cmd, "-f", shell.Path(arg))
		}
	}
	return ""
}

// advised adds advice to an error, if there is any.
func advised(err error, advice string) error {
	if advice == "" {
		return err
	}
	return hint.With(err, advice)
}

func (m Mode) reads(flag string) bool { return slices.Contains(strings.Fields(m.Reads), flag) }

// choose returns the mode that a command line selects, and what selects it: "" if
// that is nothing.
func choose(cmd *cobra.Command, modes []Mode, args []string) (selected Mode, by string) {
	for _, m := range modes {
		for selector := range strings.FieldsSeq(m.If) {
			if by := selectedBy(cmd, selector, args); by != "" {
				return m, by
			}
		}
		if m.If == "" {
			return m, ""
		}
	}
	return Mode{}, ""
}

// selectedBy returns what of a command line is meant by a selector, "" if nothing
// is.
func selectedBy(cmd *cobra.Command, selector string, args []string) string {
	name, values, _ := strings.Cut(selector, "=")
	flag := cmd.Flags().Lookup(name)
	switch {
	case isOperand(name) && len(args) > 0:
		return "argument " + args[0]
	case flag == nil || !isSet(flag):
		return ""
	case values == "":
		return spell(flag)
	}
	value, _, _ := strings.Cut(flag.Value.String(), "=")
	switch {
	case !slices.Contains(strings.Split(values, ","), value):
		return ""
	case flag.NoOptDefVal != "":
		return spell(flag) + "=" + value
	}
	return spell(flag) + " " + value
}

// selectors lists what selects modes, without a flag itself.
func selectors(cmd *cobra.Command, itself string, modes []Mode) string {
	var list []string
	for _, m := range modes {
		for selector := range strings.FieldsSeq(m.If) {
			name, values, _ := strings.Cut(selector, "=")
			text := strings.ReplaceAll(name, ",", " ")
			if flag := cmd.Flags().Lookup(name); flag != nil {
				text = strings.TrimSpace(spell(flag) + " " + strings.ReplaceAll(values, ",", "|"))
			}
			if name != itself && !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return strings.Join(list, " or ")
}

func isOperand(name string) bool { return unicode.IsUpper(rune(name[0])) }

// spell returns a flag as it is usually typed.
func spell(flag *pflag.Flag) string {
	if flag.Shorthand != "" {
		return "-" + flag.Shorthand
	}
	return "--" + flag.Name
}
