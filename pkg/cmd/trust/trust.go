package trust

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
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
		Short: "Read, judge and write bundles of CA certificates",
		Long: "Read CA certificates from wherever they are, find out what is wrong with them, and\n" +
			"write them in the one form that clients, Secrets, ConfigMaps and AKS take.",
	}
	cmdutil.Group(cmd)
	cmd.AddCommand(bundle.NewCmd(f, nil), inspect.NewCmd(f, nil))
	cmd.AddCommand(aks.NewCmd(f, nil), usage.NewCmd(f, nil), verify.NewCmd(f, nil), rotate.NewCmd(f))
	return cmd
}
