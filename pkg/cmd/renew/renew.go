package renew

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	IO        iostreams.IO
	Process   *lifecycle.Process
	Namespace func() (string, error) // of the context
	Operator  func(context.Context) (*operator.Operator, error)
	Requests  requests.Flags // without manifests
	Names     []Name
}

// Name is the name of a TLS Secret, or of a host of a requested certificate.
type Name struct {
	Text   string
	Secret bool // it cannot be a host
}

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Process: f.Process, Namespace: f.Namespace}
	o.Operator = func(ctx context.Context) (*operator.Operator, error) {
		return o.Requests.Operator(ctx, f, operator.DefaultOptions())
	}
	cmd := &cobra.Command{
		Use:   "renew SECRET|HOST...",
		Short: "Renew certificates that run issued, or retry failed ones",
		Long: "Mark TLS Secrets for renewal, for certificates that kubectl certs run issues.\n" +
			"If kubectl certs run is running, it renews them at once; run --once does so when\n" +
			"it next starts. If earlier orders failed, the wait before the next attempt ends.\n" +
			"cert-manager ignores the mark: for its certificates use cmctl renew.\n\n" +
			"A host means the Secret of the requested certificate with that name, or\n" +
			"with a wildcard that covers it. A Secret with the same name comes first.\n\n" +
			"Exit codes: 0 marked, 2 failed.",
		Example: "  kubectl certs renew cafe-tls shop-tls -n shops\n" +
			"  kubectl certs renew cafe.example.com",
		ValidArgsFunction: help.CompleteTLSSecrets(f),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Requests.AddAllNamespaces(cmd)
	help.Modes(cmd, help.Mode{If: "all-namespaces", Reads: "all-namespaces"}, help.Mode{Reads: "namespace"})
	return cmd
}

func (o *Options) complete(args []string) error {
	if len(args) == 0 {
		return hint.With(errors.New("no Secret or host given"), "kubectl certs status lists the Secrets and their hosts")
	}
	for _, arg := range args {
		name, err := parseName(arg)
		if err != nil {
			return err
		}
		o.Names = append(o.Names, name)
	}
	return nil
}

// parseName reads the name of a Secret as kubectl takes it, cafe-tls or
// secret/cafe-tls, or of a host.
func parseName(arg string) (Name, error) {
	kind, name, found := strings.Cut(arg, "/")
	if !found {
		return Name{Text: arg}, nil
	}
	if k := strings.ToLower(kind); k != "secret" && k != "secrets" || name == "" || strings.Contains(name, "/") {
		return Name{}, hint.With(fmt.Errorf("invalid argument %q: renew takes TLS Secrets and hosts", arg), "kubectl certs renew cafe-tls, secret/cafe-tls or cafe.example.com; -n names the namespace")
	}
	return Name{name, true}, nil
}

// Run requests the renewal of each certificate, and reports those for which that
// failed at the end.
func Run(ctx context.Context, o *Options) error {
	namespace, err := o.Namespace()
	if err != nil {
		return err
	}
	op, err := o.Operator(ctx)
	if err != nil {
		return err
	}
	ctx, stop := shutdown.With(ctx, lifecycle.RequestTimeout(lifecycle.ChangeTimeout))
	defer stop()
	r := &renewal{Options: o, op: op, namespace: namespace}
	return o.Process.Finish(lifecycle.ChangeTimeout, func() error { return r.all(ctx) })
}

// all requests the renewal of all names.
func (r *renewal) all(ctx context.Context) error {
	r.Process.OnStop(func() string {
		return fmt.Sprintf("renewal requested for %d of %s; run the command again for the rest", r.done.Load(), phrase.Count(len(r.Names), "certificate"))
	})
	var errs []error
	for _, name := range r.Names {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		ref, err := r.one(ctx, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		r.done.Add(1)
		where := ""
		if r.Requests.AllNamespaces {
			where = " in namespace " + ref.Namespace
		}
		r.IO.Printf("secret/%s renewal requested%s", ref.Name, where)
	}
	return errors.Join(errs...)
}
