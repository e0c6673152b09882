package help

import (
	"fmt"
	"os"
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
		if flag := flagFor(cmd, args[0]); flag != "" {
			return hint.With(err, typed(cmd)+" "+flag+" "+shell.Quote(shell.Path(args[0])))
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

// flagFor returns the flag of a command that takes a path: -k for the folder of a
// kustomization, -f for other files and folders.
func flagFor(cmd *cobra.Command, path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return ""
	case info.IsDir() && cmd.Flags().Lookup("kustomize") != nil && overlay.HasKustomization(os.DirFS(path), "."):
		return "-k"
	case cmd.Flags().Lookup("filename") != nil:
		return "-f"
	}
	return ""
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
