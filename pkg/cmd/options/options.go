package options

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
)

// NewCmd returns the command.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "List kubectl's flags, and less common flags of commands",
		Example: "  kubectl certs options\n" +
			"  kubectl certs options | grep context",
		Args: cmdutil.NoOperands("lists the flags"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmdutil.WriteOptions(f.IO.Out, cmd.Root())
		},
	}
}
