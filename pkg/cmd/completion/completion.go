package completion

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// kubectlScript is what kubectl runs to complete a plugin: an executable named
// kubectl_complete-NAME on the PATH.
const kubectlScript = `#!/bin/sh
# Put this on the PATH as %s, executable.
exec %s __complete "$@"
`

// NewCmd returns the command.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion {bash|zsh|fish|powershell|kubectl}",
		Short: "Print a completion script for a shell, or for kubectl",
		Long: "Print a completion script for a shell. With kubectl, print the script that\n" +
			"kubectl runs to complete this plugin: save it on the PATH, under the name\n" +
			"kubectl_complete-certs.",
		Example: "  kubectl certs completion kubectl > ~/.local/bin/kubectl_complete-certs\n" +
			"  source <(kubectl certs completion bash)",
		ValidArgs: shells,
		Args:      oneShell,
		RunE:      func(cmd *cobra.Command, args []string) error { return write(f, cmd.Root(), args[0]) },
	}
	help.Modes(cmd)
	return cmd
}

// shells are what there is a script for.
var shells = []string{"bash", "zsh", "fish", "powershell", "kubectl"}

func oneShell(_ *cobra.Command, args []string) error {
	if len(args) == 1 && slices.Contains(shells, args[0]) {
		return nil
	}
	err := errors.New("completion takes one argument")
	if len(args) == 1 {
		err = fmt.Errorf("no completion for %q", args[0])
	}
	return hint.With(err, "name one of "+strings.Join(shells, ", "))
}

func write(f *cmdutil.Factory, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(f.IO.Out, true)
	case "zsh":
		return root.GenZshCompletion(f.IO.Out)
	case "fish":
		return root.GenFishCompletion(f.IO.Out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(f.IO.Out)
	}
	_, err := fmt.Fprintf(f.IO.Out, kubectlScript, "kubectl_complete-certs", root.Name())
	return err
}
