package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newOptionsCmd(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "List the flags of kubectl that every command takes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(env.Out, cmd.Root().PersistentFlags().FlagUsages())
			return err
		},
	}
}
