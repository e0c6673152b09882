package help

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// NoOperands refuses operands. The hint is the line to type: where the operand is
// a file or a folder, and the command has a flag for it, it is that flag. Else it
// is what the command does without operands.
func NoOperands(does string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		err := fmt.Errorf("unexpected argument %q: %s takes no arguments", args[0], cmd.Name())
		folder, built := kustomizationAt(args[0])
		switch _, missing := os.Stat(args[0]); {
		case built && cmd.Flags().Lookup("kustomize") != nil:
			return hint.With(err, Retyped(cmd, "-k", folder))
		case built:
			return hint.With(err, args[0]+" is a kustomization, and "+typed(cmd)+" "+does)
		case missing == nil && cmd.Flags().Lookup("filename") != nil:
			return hint.With(err, Retyped(cmd, "-f", shell.Path(args[0])))
		}
		if flag := optionalValue(cmd); flag != "" {
			return hint.With(err, "the value of --"+flag+" follows an equals sign: --"+flag+"="+shell.Quote(args[0]))
		}
		return hint.With(err, typed(cmd)+" "+does)
	}
}

// optionalValue returns the given flag whose value may be left out, such as
// --dry-run, "" if there is none. The word after it is not its value.
func optionalValue(cmd *cobra.Command) string {
	name := ""
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.NoOptDefVal != "" && flag.Value.Type() != "bool" && flag.Value.String() == flag.NoOptDefVal {
			name = flag.Name
		}
	})
	return name
}

// typed returns a command as it is typed for kubectl.
func typed(cmd *cobra.Command) string {
	return "kubectl certs" + strings.TrimPrefix(cmd.CommandPath(), cmd.Root().DisplayName())
}

// Retyped returns a command with the flags that were given to it, without
// connection flags, and with other words first.
func Retyped(cmd *cobra.Command, words ...string) string {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !isSet(flag) || IsConnection(cmd, flag) || slices.Contains(words, spell(flag)) {
			return
		}
		value := flag.Value.String()
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			value = strings.Join(list.GetSlice(), ",")
		}
		switch {
		case flag.NoOptDefVal == "":
			words = append(words, spell(flag), value)
		case flag.NoOptDefVal == value:
			words = append(words, spell(flag))
		default:
			words = append(words, spell(flag)+"="+value)
		}
	})
	return typed(cmd) + " " + shell.Join(words)
}

// kustomizationAt returns the folder of a kustomization from its path or that of
// its file, false for any other path.
func kustomizationAt(name string) (folder string, ok bool) {
	if overlay.IsKustomization(filepath.ToSlash(name)) {
		name = filepath.Dir(name)
	}
	return shell.Path(name), overlay.HasKustomization(os.DirFS(name), ".")
}

// Group makes a command that only holds others print its help, and refuse words
// that are not among them. Cobra would print the help for those too, and succeed.
func Group(cmd *cobra.Command) {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return UnknownCommand(cmd, args[0])
	}
	cmd.DisableFlagsInUseLine = true
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	Modes(cmd)
}

// UnknownCommand is the error for a word that is not a command of a group. Its
// hint proposes the command that was probably meant.
func UnknownCommand(group *cobra.Command, word string) error {
	var names []string
	for _, sub := range group.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, append(sub.Aliases, sub.Name())...)
		}
	}
	path := typed(group)
	err := fmt.Errorf("unknown command %q for %q", word, group.CommandPath())
	if nearest := hint.Nearest(word, names); nearest != "" {
		return hint.With(err, "did you mean "+path+" "+nearest+"?")
	}
	return hint.With(err, path+" --help lists the commands")
}
