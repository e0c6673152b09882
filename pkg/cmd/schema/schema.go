package schema

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
)

// NewCmd returns the command.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of certs.yaml",
		Long: "Print the JSON Schema of certs.yaml. Editors use it for completion and checks if\n" +
			"the file starts with:\n" +
			"  # yaml-language-server: $schema=certs.schema.json",
		Example: "  kubectl certs schema > certs.schema.json\n" +
			"  kubectl certs schema > .vscode/certs.schema.json",
		Args: help.NoOperands("prints the schema of certs.yaml"),
		RunE: func(*cobra.Command, []string) error {
			_, err := f.IO.Out.Write(schema.JSON())
			return err
		},
	}
	help.Modes(cmd)
	return cmd
}
