package trust

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/aks"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/bundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/inspect"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/rotate"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/usage"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/verify"
)

// NewCmd returns the command that holds the others.
func NewCmd(f *cmdutil.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trust",
		Short: "Check, write, compare and rotate CA certificates",
		Long: "Work with CA certificates: check files and servers, write one canonical bundle,\n" +
			"compare Git with the cluster, find out what uses a CA, and rotate it.",
	}
	help.Group(cmd)
	cmd.AddCommand(bundle.NewCmd(f, nil), inspect.NewCmd(f, nil))
	cmd.AddCommand(aks.NewCmd(f, nil), usage.NewCmd(f, nil), verify.NewCmd(f, nil), rotate.NewCmd(f))
	return cmd
}
