package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
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
	Operator func(context.Context, operator.Options) (*operator.Operator, error)
	Requests requests.Flags   // where certificates are requested
	Settings operator.Options // of the operator
	Output   *output.Flags    // of a dry run

	Once, DryRun, Register bool
	Verbose                bool // log what is waited for, on a terminal too
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
	flags.BoolVar(&s.FromCluster, "from-cluster", false, "with -f or -k: read the cluster's requests too")
	flags.BoolVar(&o.Once, "once", false, "issue what is due, then exit")
	flags.BoolVar(&o.Register, "register", false, "open the ACME accounts, print thumbprints")
	cmdutil.AddDryRun(cmd, &o.DryRun, "only show the plan")
	flags.StringVar(&s.Listen, "listen", "", "answer HTTP-01 here, such as :8089")
	flags.StringVar(&s.ListenTLS, "listen-tls", "", "answer TLS-ALPN-01 here, such as :443")
	flags.StringVar((*string)(&s.HTTP01), "http01", string(s.HTTP01), "static route, solver, or auto")
	flags.BoolVar(&o.ResponderOnly, "responder-only", false, "only answer challenges, for --thumbprint")
	flags.StringArrayVar(&o.thumbprints, "thumbprint", nil, "account to answer for: THUMBPRINT[=HOST,…]")
	flags.StringArrayVar(&o.allowHosts, "allow-host", nil, "with -A: allow NAMESPACE=HOST without a route")
	flags.IntVar(&s.Workers, "workers", s.Workers, "concurrent orders at one CA; fewer while it is slow")
	flags.StringVar(&o.shard, "shard", "", "process one part of the certificates, such as 0/3")
	cmdutil.AddDuration(flags, &s.RenewBefore, "renew-before", "renew this early (default 1/3 of lifetime)")
	flags.StringVar(&o.rateBudget, "rate-budget", "auto", "none ignores CA limits")
	flags.BoolVar(&s.Adopt, "adopt", false, "adopt TLS Secrets made by other tools")
	flags.BoolVar(&s.IgnoreCertManager, "ignore-cert-manager", false, "run beside cert-manager; both may order")
	flags.StringVar(&s.ClusterNamespace, "cluster-resource-namespace", s.ClusterNamespace, "namespace of the Secrets of ClusterIssuers")
	flags.StringSliceVar(&s.Resolvers, "dns01-recursive-nameservers", nil, "resolvers for DNS-01 checks, as HOST:PORT (default: those of this machine)")
	flags.BoolVar(&s.ResolversOnly, "dns01-recursive-nameservers-only", false, "check propagation with these resolvers only, not with the zone's name servers")
	flags.StringSliceVar(&s.HTTP01Resolvers, "acme-http01-solver-nameservers", nil, "resolvers for self-checks of HTTP-01, as HOST:PORT (default: those of this machine, or HTTP_PROXY)")
	flags.StringVar(&s.SolverImage, "solver-pod-image", s.SolverImage, "image of the pods that answer HTTP-01 challenges")
	flags.BoolVar(&s.LeaderElect, "leader-elect", s.LeaderElect, "elect one replica to order")
	flags.StringVar(&s.LeaseNamespace, "leader-elect-resource-namespace", "", "namespace of the Lease (default: the context's)")
	cmdutil.AddDuration(flags, &s.LeaseDuration, "leader-elect-lease-duration", "how long a Lease is valid without renewal; another replica takes over after it")
	o.ShutdownTimeout = lifecycle.ChangeTimeout
	cmdutil.AddDuration(flags, &o.ShutdownTimeout, "shutdown-timeout", "time to finish requests, clean up challenges and release the Lease after SIGINT or SIGTERM")
	cmdutil.AddDuration(flags, &s.CATimeout, "timeout", "how long an order waits for an ACME server that is not available; one that accepts connections and does not answer is given up on within a minute")
	flags.StringVar(&s.MetricsListen, "metrics-listen", "", "serve /metrics, /healthz and /readyz here")
	cmdutil.Offer(cmd, "http01", "auto\tstatic for hosts with a permanent route", "static\tat --listen", "solver\tby objects")
	cmdutil.Offer(cmd, "rate-budget", "auto", "none")
	help.FlagGroup(cmd, "Which certificates", "all-namespaces", "filename", "recursive", "kustomize", "environment", "from-cluster", "adopt", "renew-before")
	help.FlagGroup(cmd, "Challenges", "listen", "listen-tls", "http01", "allow-host", "responder-only", "thumbprint")
	help.FlagGroup(cmd, "Running", "once", "dry-run", "register", "output", "rate-budget", "leader-elect", "metrics-listen", "ignore-cert-manager")
	help.OptionsOnly(flags, "Less common flags", "acme-http01-solver-nameservers", "cluster-resource-namespace", "dns01-recursive-nameservers", "dns01-recursive-nameservers-only",
		"leader-elect-lease-duration", "leader-elect-resource-namespace", "shard", "shutdown-timeout", "solver-pod-image", "timeout", "workers")
	addModes(cmd)
}

// addModes declares the modes. A dry run reads the flags of the run that it shows.
func addModes(cmd *cobra.Command) {
	const issuing = "dry-run filename recursive kustomize environment from-cluster namespace all-namespaces adopt renew-before rate-budget shard " +
		"listen listen-tls http01 allow-host solver-pod-image dns01-recursive-nameservers dns01-recursive-nameservers-only acme-http01-solver-nameservers cluster-resource-namespace " +
		"workers leader-elect leader-elect-resource-namespace leader-elect-lease-duration ignore-cert-manager shutdown-timeout timeout"
	help.Modes(cmd,
		help.Mode{If: "responder-only", Reads: "responder-only listen thumbprint shutdown-timeout"},
		help.Mode{If: "register", Reads: "register filename recursive kustomize environment from-cluster namespace all-namespaces cluster-resource-namespace shutdown-timeout timeout"},
		help.Mode{If: "once", Reads: "once " + issuing},
		help.Mode{Reads: "metrics-listen " + issuing})
	help.Modes(cmd, help.Mode{If: "dry-run", Reads: "output template allow-missing-template-keys no-headers sort-by"})
	help.Modes(cmd, help.Mode{If: "filename kustomize", Reads: "from-cluster"})
	help.Modes(cmd, help.Mode{If: "all-namespaces", Reads: "allow-host"})
	help.Modes(cmd, help.Mode{If: "leader-elect=false"}, help.Mode{Reads: "leader-elect-resource-namespace leader-elect-lease-duration"})
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
	refuse(s.HTTP01 == operator.HTTP01Static && s.Listen == "" && !o.DryRun, "--http01 static needs --listen")
	refuse(s.CATimeout < time.Second, "--timeout must be at least 1s")
	refuse(o.ShutdownTimeout < time.Second, "--shutdown-timeout must be at least 1s")
	refuse(s.LeaseDuration < time.Second, "--leader-elect-lease-duration must be at least 1s")
	errs = append(errs, completeNameServers("dns01-recursive-nameservers", &s.Resolvers), completeNameServers("acme-http01-solver-nameservers", &s.HTTP01Resolvers))
	errs = append(errs, o.completeGrants(), o.completeShard(), o.completeAccounts())
	s.DryRun, s.RateLimits = o.DryRun, o.rateBudget == "auto"
	return errors.Join(errs...)
}

func completeNameServers(flag string, servers *[]string) error {
	complete, err := operator.ParseNameServers(*servers)
	if err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	*servers = complete
	return nil
}

func (o *Options) completeGrants() error {
	var errs []error
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
	if o.ResponderOnly && (o.Settings.Listen == "" || len(o.thumbprints) == 0) {
		return errors.New("--responder-only needs --listen and --thumbprint; run --register prints the thumbprints")
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
