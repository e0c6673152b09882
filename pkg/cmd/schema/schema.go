package schema

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
)

// NewCmd returns the command.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of certs.yaml",
		Long: "Print the JSON Schema of certs.yaml. Editors complete and check with it when the\n" +
			"file starts with:  # yaml-language-server: $schema=certs.schema.json",
		Example: "  kubectl certs schema > certs.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := f.IO.Out.Write(schema.JSON())
			return err
		},
	}
}
