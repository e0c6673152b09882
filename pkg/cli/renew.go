package cli

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

func newRenewCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "renew SECRET...",
		Short: "Ask for certificates to be renewed now, or tried again now",
		Long: "Ask the next run, or the one that keeps running, to renew the certificates in these TLS\n" +
			"Secrets now. Where there is none yet because tries failed, the wait for the next try ends.\n\n" +
			"Exit codes: 0 asked, 2 failed.",
		Example: "  kubectl certs renew cafe-tls\n" +
			"  kubectl certs renew cafe-tls shop-tls -n shops",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return withHint(errors.New("no Secret is named"), "name the TLS Secrets, as kubectl certs run --dry-run shows them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			op, err := newOperator(env, config, runFlags{options: operator.DefaultOptions()})
			if err != nil {
				return err
			}
			ctx, stop := shutdown.With(cmd.Context(), shutdownLimit(shutdownTimeout))
			defer stop()
			return env.finish(shutdownTimeout, func() error { return renewRun(ctx, env, op, args) })
		},
	}
	return cmd
}

func renewRun(ctx context.Context, env Env, op *operator.Operator, names []string) error {
	var errs []error
	var asked atomic.Int32
	env.onStop(func() string {
		return fmt.Sprintf("renewal requested for %d of %s; run the command again for the rest", asked.Load(), count(len(names), "Secret"))
	})
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if err := op.Renew(ctx, name); err != nil {
			errs = append(errs, err)
			continue
		}
		asked.Add(1)
		env.print("secret/%s renewal asked for", name)
	}
	return errors.Join(errs...)
}
