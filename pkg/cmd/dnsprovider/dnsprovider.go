package dnsprovider

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/lego"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// NewCmd returns the command, see the package process.
func NewCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:    process.Subcommand,
		Short:  "Serve one DNS provider of lego to the process that starts this one",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return lego.Main() },
	}
	help.Modes(cmd)
	return cmd
}
