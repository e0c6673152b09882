package renew

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// Options are the input of the command.
type Options struct {
	IO       iostreams.IO
	Process  *lifecycle.Process
	Operator func(context.Context) (*operator.Operator, error)
	// Secrets are the names of TLS Secrets in the namespace of the context.
	Secrets []string
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	var flags requests.Flags // none: the namespace of the context
	o := &Options{IO: f.IO, Process: f.Process, Operator: func(ctx context.Context) (*operator.Operator, error) {
		return flags.Operator(ctx, f, operator.DefaultOptions())
	}}
	cmd := &cobra.Command{
		Use:   "renew SECRET...",
		Short: "Renew certificates of run now, or retry failed ones",
		Long: "Mark TLS Secrets for renewal, for certificates that kubectl certs run issues. A\n" +
			"running run renews them at once, and run --once at its next start. If earlier\n" +
			"orders failed, the wait before the next attempt ends. cert-manager ignores the\n" +
			"mark: for its certificates use cmctl renew.\n\n" +
			"Exit codes: 0 marked, 2 failed.",
		Example: "  kubectl certs renew cafe-tls\n" +
			"  kubectl certs renew cafe-tls shop-tls -n shops",
		ValidArgsFunction: help.CompleteTLSSecrets(f),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	help.Modes(cmd, help.Mode{Reads: "namespace"})
	return cmd
}

func (o *Options) complete(args []string) error {
	if len(args) == 0 {
		return hint.With(errors.New("no Secret given"), "give the names of TLS Secrets; kubectl certs status lists them")
	}
	for _, arg := range args {
		name, err := secretName(arg)
		if err != nil {
			return err
		}
		o.Secrets = append(o.Secrets, name)
	}
	return nil
}

// secretName reads the name of a Secret as kubectl takes it: cafe-tls, or
// secret/cafe-tls.
func secretName(arg string) (string, error) {
	kind, name, found := strings.Cut(arg, "/")
	if !found {
		return arg, nil
	}
	if k := strings.ToLower(kind); k != "secret" && k != "secrets" || name == "" || strings.Contains(name, "/") {
		return "", hint.With(fmt.Errorf("invalid argument %q: renew takes TLS Secrets", arg), "kubectl certs renew NAME, or secret/NAME; -n names the namespace")
	}
	return name, nil
}

// Run requests the renewal of each Secret, and reports those for which that
// failed at the end.
func Run(ctx context.Context, o *Options) error {
	op, err := o.Operator(ctx)
	if err != nil {
		return err
	}
	ctx, stop := shutdown.With(ctx, lifecycle.RequestTimeout(lifecycle.ChangeTimeout))
	defer stop()
	return o.Process.Finish(lifecycle.ChangeTimeout, func() error { return o.renewAll(ctx, op) })
}

func (o *Options) renewAll(ctx context.Context, op *operator.Operator) error {
	var errs []error
	var requested atomic.Int32
	o.Process.OnStop(func() string {
		return fmt.Sprintf("renewal requested for %d of %s; run the command again for the rest", requested.Load(), phrase.Count(len(o.Secrets), "Secret"))
	})
	for _, name := range o.Secrets {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if err := op.Renew(ctx, name); err != nil {
			errs = append(errs, err)
			continue
		}
		requested.Add(1)
		o.IO.Printf("secret/%s renewal requested", name)
	}
	return errors.Join(errs...)
}
