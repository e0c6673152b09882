package status

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

// Options are the input of the command.
type Options struct {
	IO        iostreams.IO
	Program   string                 // as it was called, for what a text proposes
	Namespace func() (string, error) // of the context
	Operator  func(context.Context) (*operator.Operator, error)
	Requests  requests.Flags // where certificates are requested
	Output    *output.Flags
	Check     bool // end with ErrFound if a certificate needs attention
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Namespace: f.Namespace, Output: output.ForRows()}
	o.Operator = func(ctx context.Context) (*operator.Operator, error) { return o.Requests.Operator(ctx, f, settings()) }
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show when certificates expire and what is wrong with them",
		Long: "For each certificate requested in the cluster (or in -f, -k), show its expiry,\n" +
			"its next renewal and its problems: missing, damaged, wrong issuer, failed\n" +
			"orders. No CA is contacted.\n\n" +
			"Exit codes: 0 shown, 1 a certificate needs attention (--check), 2 failed.",
		Example: "  kubectl certs status --all-namespaces\n" +
			"  kubectl certs status -k overlays/prod --check",
		Args: help.NoOperands("shows all certificates of the namespace; -n names another, and -A shows those of all"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Program = cmd.Root().DisplayName()
			if err := o.Output.Validate(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Requests.AddTo(cmd, requests.Usage{
		File:      "read requests from this certs.yaml or manifests (files, folders, - for stdin), not from the cluster",
		Kustomize: "read requests from this kustomization, not from the cluster",
	})
	o.Output.AddTo(cmd)
	cmd.Flags().BoolVar(&o.Check, "check", false, "exit 1 if a certificate needs attention")
	help.Modes(cmd, help.Mode{If: "all-namespaces", Reads: "all-namespaces check"}, help.Mode{Reads: "namespace check"})
	return cmd
}

// settings are those of an operator that only looks. Routes of challenges that
// are missing are not reported.
func settings() operator.Options {
	s := operator.DefaultOptions()
	s.DryRun, s.HTTP01 = true, operator.HTTP01Solver
	return s
}
