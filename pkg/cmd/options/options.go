package options

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
)

// NewCmd returns the command.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "options",
		Short: "List kubectl's flags, and less common flags of commands",
		Example: "  kubectl certs options\n" +
			"  kubectl certs options | grep context",
		Args: help.NoOperands("lists the flags"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return help.WriteOptions(f.IO.Out, cmd.Root())
		},
	}
	help.Modes(cmd)
	return cmd
}
