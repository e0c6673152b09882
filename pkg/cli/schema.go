package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

func newSchemaCmd(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of certs.yaml",
		Long: "Print the JSON Schema of certs.yaml. Editors complete and check with it when the\n" +
			"file starts with:  # yaml-language-server: $schema=certs.schema.json",
		Example: "  kubectl certs schema > certs.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Out.Write(spec.Schema())
			return err
		},
	}
}
