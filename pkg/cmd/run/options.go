package run

import (
	"errors"
	"fmt"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/spf13/cobra"
)

// Options are the input of the command.
type Options struct {
	IO       iostreams.IO
	Process  *lifecycle.Process
	Operator func(operator.Options) (*operator.Operator, error)
	Requests requests.Flags   // where certificates are requested
	Settings operator.Options // of the operator
	Output   *output.Flags    // of a dry run

	Once, DryRun bool
	// ResponderOnly answers challenges for Accounts, and does nothing else.
	ResponderOnly   bool
	Accounts        *responder.Table
	ShutdownTimeout time.Duration

	// What follows becomes Settings and Accounts.
	thumbprints, allowHosts []string
	shard, rateBudget       string
}

func (o *Options) addFlags(cmd *cobra.Command) {
	flags, s := cmd.Flags(), &o.Settings
	flags.BoolVar(&s.FromCluster, "from-cluster", false, "take it from the cluster too, when -f or -k is given")
	flags.BoolVar(&o.Once, "once", false, "issue what is to be issued now, and end")
	cmdutil.AddDryRun(flags, &o.DryRun, "only tell what would be issued, why, how and at what cost")
	flags.StringVar(&s.Listen, "listen", "", "address at which to answer HTTP-01 challenges, such as :8089 behind a route or :80 on a host of its own")
	flags.StringVar(&s.ListenTLS, "listen-tls", "", "address at which to answer TLS-ALPN-01 challenges, such as :443 on a host that the names point to")
	flags.StringVar((*string)(&s.HTTP01), "http01", string(s.HTTP01), "how HTTP-01 is answered: static (at --listen), solver (by objects), or auto (static for hosts with a permanent route)")
	flags.BoolVar(&o.ResponderOnly, "responder-only", false, "only answer at --listen for --thumbprint; needs neither cluster nor key")
	flags.StringArrayVar(&o.thumbprints, "thumbprint", nil, "with --responder-only: thumbprint of an account key, or THUMBPRINT=HOST,HOST for some hosts (repeat for more)")
	flags.StringArrayVar(&o.allowHosts, "allow-host", nil, "with --all-namespaces: answer challenges for a host that the namespace does not route, as NAMESPACE=HOST; HOST may be a wildcard (repeat for more)")
	flags.IntVar(&s.Workers, "workers", s.Workers, "how many orders may be under way at one CA; fewer are while it is slow")
	flags.StringVar(&o.shard, "shard", "", "work on one part only, such as 0/3 of three")
	flags.DurationVar(&s.RenewBefore, "renew-before", 0, "renew this long before expiry where neither the CA nor the manifests say, such as 360h (default: a third of the lifetime, half if under 10 days)")
	flags.StringVar(&o.rateBudget, "rate-budget", "auto", "auto waits where a published rate limit of the CA is used up; none does not")
	flags.BoolVar(&s.Adopt, "adopt", false, "take over TLS Secrets that somebody else made")
	flags.BoolVar(&s.IgnoreCertManager, "ignore-cert-manager", false, "do not check whether cert-manager is running; both may then order the same certificates")
	flags.StringVar(&s.ClusterNamespace, "cluster-resource-namespace", s.ClusterNamespace, "namespace of the Secrets that ClusterIssuers refer to")
	flags.StringSliceVar(&s.Resolvers, "dns01-recursive-nameservers", nil, "name servers to ask for DNS-01, as host:port (default: those of this machine)")
	flags.BoolVar(&s.ResolversOnly, "dns01-recursive-nameservers-only", false, "ask nobody else whether a record is seen, not even the zone's own servers")
	flags.StringVar(&s.SolverImage, "solver-pod-image", s.SolverImage, "image of the pods that answer HTTP-01 by solver objects")
	flags.BoolVar(&s.LeaderElect, "leader-elect", s.LeaderElect, "let a Lease see to it that only one run orders")
	flags.StringVar(&s.LeaseNamespace, "leader-elect-resource-namespace", "", "namespace of the Lease (default: that of the context)")
	flags.DurationVar(&s.LeaseDuration, "leader-elect-lease-duration", s.LeaseDuration, "how long the Lease of a run that died is respected")
	flags.DurationVar(&o.ShutdownTimeout, "shutdown-timeout", lifecycle.ChangeTimeout, "how long run may take to end after SIGINT or SIGTERM: to finish requests in flight, remove answers to challenges and release the Lease")
	flags.StringVar(&s.MetricsListen, "metrics-listen", "", "address for /metrics, /healthz and /readyz, such as :9402")
}

// complete checks the flags, all of them, and fills the settings that follow from
// them.
func (o *Options) complete([]string) error {
	s := &o.Settings
	errs := []error{
		cmdutil.OneOf("http01", string(s.HTTP01), "auto", "static", "solver"),
		cmdutil.OneOf("rate-budget", o.rateBudget, "auto", "none"),
		o.Output.Validate(),
	}
	refuse := func(condition bool, text string) {
		if condition {
			errs = append(errs, errors.New(text))
		}
	}
	refuse(s.Workers < 1, "--workers must be at least 1")
	refuse(s.RenewBefore < 0, "--renew-before must not be negative")
	errs = append(errs, o.Requests.Validate())
	refuse(s.HTTP01 == operator.HTTP01Static && s.Listen == "" && !o.DryRun, "--http01 static needs --listen, the address at which to answer")
	refuse(o.ShutdownTimeout < time.Second, "--shutdown-timeout must be at least 1s")
	refuse(s.LeaseDuration < time.Second, "--leader-elect-lease-duration must be at least 1s")
	refuse(!o.Output.Is(output.Text) && !o.DryRun, "-o is for --dry-run")
	errs = append(errs, o.completeGrants(), o.completeShard(), o.completeAccounts())
	s.DryRun, s.RateLimits = o.DryRun, o.rateBudget == "auto"
	return errors.Join(errs...)
}

func (o *Options) completeGrants() error {
	var errs []error
	if len(o.allowHosts) > 0 && !o.Requests.AllNamespaces {
		errs = append(errs, errors.New("--allow-host is for --all-namespaces; where one namespace is watched every host is allowed"))
	}
	for _, value := range o.allowHosts {
		grant, err := watch.ParseGrant(value)
		if err != nil {
			errs = append(errs, fmt.Errorf("--allow-host %q: %w", value, err))
		}
		o.Settings.Grants = append(o.Settings.Grants, grant)
	}
	return errors.Join(errs...)
}

func (o *Options) completeShard() error {
	if o.shard == "" {
		return nil
	}
	var err error
	if o.Settings.Shard, err = operator.ParseShard(o.shard); err != nil {
		return fmt.Errorf("--shard %q: %w", o.shard, err)
	}
	return nil
}

func (o *Options) completeAccounts() error {
	switch {
	case o.ResponderOnly && (o.Settings.Listen == "" || len(o.thumbprints) == 0):
		return errors.New("--responder-only needs --listen and --thumbprint; run --dry-run tells the thumbprints")
	case !o.ResponderOnly && len(o.thumbprints) > 0:
		return errors.New("--thumbprint is for --responder-only; a run knows its accounts")
	}
	var errs []error
	o.Accounts = &responder.Table{}
	for _, value := range o.thumbprints {
		if err := o.Accounts.Parse(value); err != nil {
			errs = append(errs, fmt.Errorf("--thumbprint %q: %w", value, err))
		}
	}
	return errors.Join(errs...)
}
