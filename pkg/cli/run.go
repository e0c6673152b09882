package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

type runFlags struct {
	project      projectFlags
	kustomize    string
	all          bool
	once, dryRun bool
	output       string

	responderOnly   bool
	thumbprints     []string
	allowHosts      []string
	shard           string
	rateBudget      string
	shutdownTimeout time.Duration

	// options are those that flags set as they are.
	options operator.Options
}

func newRunCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	f := runFlags{options: operator.DefaultOptions()}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Issue and renew certificates by ACME, where no cert-manager is wanted",
		Long: "Issue and renew what the manifests ask for, from the very manifests that cert-manager reads:\n" +
			"Certificates, annotated Ingresses and Gateways, VirtualServers, Issuers and ClusterIssuers.\n" +
			"They are taken from the cluster, or from -f or -k where its CRDs are not installed.\n\n" +
			"Without --once it keeps running and follows the cluster; then one of several replicas orders\n" +
			"(a Lease says which), and all of them answer challenges.\n\n" +
			"HTTP-01 is answered at --listen for every token of the accounts (permanent routes to it come\n" +
			"from generate, see http01: static), or by solver objects as cert-manager makes them; DNS-01\n" +
			"and dns-persist-01 need neither. Secrets carry cert-manager's annotations, and orders under way\n" +
			"are kept in Secrets of type kubectl-certs.dev/order, so that nothing is lost or ordered twice.\n\n" +
			"On SIGINT or SIGTERM run begins nothing new, finishes the requests in flight, removes answers\n" +
			"to challenges, releases the Lease and ends within --shutdown-timeout. The next run resumes\n" +
			"interrupted orders. A second signal ends it at once.\n\n" +
			"Exit codes of --once: 0 all good, 1 some failed or are held back, 2 could not run or was stopped.\n" +
			"Without --once a signal is the usual end: 0 unless it did not end in time.",
		Example: "  kubectl certs run --once -k overlays/prod --dry-run\n" +
			"  kubectl certs run --once -k overlays/prod\n" +
			"  kubectl certs run --all-namespaces --listen :8089 --metrics-listen :9402",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.complete(cmd); err != nil {
				return err
			}
			if f.responderOnly {
				return env.finish(f.shutdownTimeout, func() error { return runResponder(cmd.Context(), env, f) })
			}
			return runRun(cmd.Context(), env, config, f)
		},
	}
	f.add(cmd)
	return cmd
}

func (f *runFlags) add(cmd *cobra.Command) {
	flags, o := cmd.Flags(), &f.options
	f.project.addFile(flags, "", "take what is asked for from this certs.yaml, not from the cluster")
	flags.StringVarP(&f.project.environment, "environment", "e", "", "with -f: the environment")
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "take what is asked for from this kustomization, not from the cluster")
	flags.BoolVar(&o.FromCluster, "from-cluster", false, "take it from the cluster too, when -f or -k is given")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "look at all namespaces, not only the one of the context")
	flags.BoolVar(&f.once, "once", false, "issue what is to be issued now, and end")
	flags.BoolVar(&f.dryRun, "dry-run", false, "only tell what would be issued, why, how and at what cost")
	flags.StringVarP(&f.output, "output", "o", "table", "with --dry-run: table or json")
	flags.StringVar(&o.Listen, "listen", "", "address at which to answer HTTP-01 challenges, such as :8089 behind a route or :80 on a host of its own")
	flags.StringVar(&o.ListenTLS, "listen-tls", "", "address at which to answer TLS-ALPN-01 challenges, such as :443 on a host that the names point to")
	flags.StringVar((*string)(&o.HTTP01), "http01", string(o.HTTP01), "how HTTP-01 is answered: static (at --listen), solver (by objects), or auto (static for hosts with a permanent route)")
	flags.BoolVar(&f.responderOnly, "responder-only", false, "only answer at --listen for --thumbprint; needs neither cluster nor key")
	flags.StringArrayVar(&f.thumbprints, "thumbprint", nil, "with --responder-only: thumbprint of an account key, or THUMBPRINT=HOST,HOST for some hosts (repeat for more)")
	flags.StringArrayVar(&f.allowHosts, "allow-host", nil, "with --all-namespaces: answer challenges for a host that the namespace does not route, as NAMESPACE=HOST; HOST may be a wildcard (repeat for more)")
	flags.IntVar(&o.Workers, "workers", o.Workers, "how many orders may be under way at one CA; fewer are while it is slow")
	flags.StringVar(&f.shard, "shard", "", "work on one part only, such as 0/3 of three")
	flags.DurationVar(&o.RenewBefore, "renew-before", 0, "renew this long before expiry where neither the CA nor the manifests say, such as 360h (default: a third of the lifetime, half if under 10 days)")
	flags.StringVar(&f.rateBudget, "rate-budget", "auto", "auto waits where a published rate limit of the CA is used up; none does not")
	flags.BoolVar(&o.Adopt, "adopt", false, "take over TLS Secrets that somebody else made")
	flags.BoolVar(&o.IgnoreCertManager, "ignore-cert-manager", false, "do not check whether cert-manager is running; both may then order the same certificates")
	flags.StringVar(&o.ClusterNamespace, "cluster-resource-namespace", o.ClusterNamespace, "namespace of the Secrets that ClusterIssuers refer to")
	flags.StringSliceVar(&o.Resolvers, "dns01-recursive-nameservers", nil, "name servers to ask for DNS-01, as host:port (default: those of this machine)")
	flags.BoolVar(&o.ResolversOnly, "dns01-recursive-nameservers-only", false, "ask nobody else whether a record is seen, not even the zone's own servers")
	flags.StringVar(&o.SolverImage, "solver-pod-image", o.SolverImage, "image of the pods that answer HTTP-01 by solver objects")
	flags.BoolVar(&o.LeaderElect, "leader-elect", o.LeaderElect, "let a Lease see to it that only one run orders")
	flags.StringVar(&o.LeaseNamespace, "leader-elect-resource-namespace", "", "namespace of the Lease (default: that of the context)")
	flags.DurationVar(&o.LeaseDuration, "leader-elect-lease-duration", o.LeaseDuration, "how long the Lease of a run that died is respected")
	flags.DurationVar(&f.shutdownTimeout, "shutdown-timeout", shutdownTimeout, "how long run may take to end after SIGINT or SIGTERM: to finish requests in flight, remove answers to challenges and release the Lease")
	flags.StringVar(&o.MetricsListen, "metrics-listen", "", "address for /metrics, /healthz and /readyz, such as :9402")
}

// complete checks the flags, all of them, and fills the options that follow from
// them.
func (f *runFlags) complete(cmd *cobra.Command) error {
	o := &f.options
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	errs = append(errs, oneOf("http01", string(o.HTTP01), "auto", "static", "solver"),
		oneOf("rate-budget", f.rateBudget, "auto", "none"), oneOf("output", f.output, "table", "json"))
	if o.Workers < 1 {
		refuse("--workers must be at least 1")
	}
	if o.RenewBefore < 0 {
		refuse("--renew-before must not be negative")
	}
	if f.project.file != "" && f.kustomize != "" {
		refuse("-f and -k exclude each other: what is asked for comes from one of them")
	}
	if o.HTTP01 == operator.HTTP01Static && o.Listen == "" && !f.dryRun {
		refuse("--http01 static needs --listen, the address at which to answer")
	}
	if f.shutdownTimeout < time.Second {
		refuse("--shutdown-timeout must be at least 1s")
	}
	if o.LeaseDuration < time.Second {
		refuse("--leader-elect-lease-duration must be at least 1s")
	}
	if cmd.Flags().Changed("output") && !f.dryRun {
		refuse("-o is for --dry-run")
	}
	errs = append(errs, f.completeGrants(), f.completeShard(), f.checkResponder())
	o.DryRun, o.RateLimits = f.dryRun, f.rateBudget == "auto"
	return errors.Join(errs...)
}

func (f *runFlags) completeGrants() error {
	var errs []error
	if len(f.allowHosts) > 0 && !f.all {
		errs = append(errs, errors.New("--allow-host is for --all-namespaces; where one namespace is watched every host is allowed"))
	}
	for _, value := range f.allowHosts {
		grant, err := parseGrant(value)
		errs, f.options.Grants = append(errs, err), append(f.options.Grants, grant)
	}
	return errors.Join(errs...)
}

func (f *runFlags) completeShard() error {
	if f.shard == "" {
		return nil
	}
	var err error
	if f.options.Shard, err = operator.ParseShard(f.shard); err != nil {
		return fmt.Errorf("--shard %q: %w", f.shard, err)
	}
	return nil
}

func (f *runFlags) checkResponder() error {
	switch {
	case f.responderOnly && (f.options.Listen == "" || len(f.thumbprints) == 0):
		return errors.New("--responder-only needs --listen and --thumbprint; run --dry-run tells the thumbprints")
	case !f.responderOnly && len(f.thumbprints) > 0:
		return errors.New("--thumbprint is for --responder-only; a run knows its accounts")
	}
	return nil
}

// parseGrant reads NAMESPACE=HOST.
func parseGrant(flag string) (watch.Grant, error) {
	namespace, host, _ := strings.Cut(flag, "=")
	name := strings.TrimPrefix(host, "*.")
	_, notAddress := netip.ParseAddr(host)
	if len(validation.IsDNS1123Label(namespace)) > 0 || notAddress != nil && len(validation.IsDNS1123Subdomain(strings.ToLower(name))) > 0 {
		return watch.Grant{}, fmt.Errorf("--allow-host %q: must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com", flag)
	}
	return watch.Grant{Namespace: namespace, Host: host}, nil
}

// softMemoryLimit makes the collector work harder before it is passed. It is not
// enforced, and 10,000 certificates stay below it.
const softMemoryLimit = 80 << 20

// limitMemory makes the collector trade a little time at the start for memory,
// which is dearer in a pod.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
}

func runRun(ctx context.Context, env Env, config *genericclioptions.ConfigFlags, f runFlags) error {
	limitMemory()
	ctx, stop := shutdown.With(ctx, shutdownLimit(f.shutdownTimeout))
	defer stop()
	f.options.Log = slog.New(slog.NewTextHandler(env.Err, nil))
	op, err := newOperator(env, config, f)
	if err != nil {
		return err
	}
	if f.dryRun {
		return runDry(ctx, env, op, f.output)
	}
	t := newTally()
	t.follows = !f.once
	env.onStop(t.String)
	return env.finish(f.shutdownTimeout, func() error {
		lease := sayLease(env, t, f.options.LeaseDuration)
		if f.once {
			return runOnce(ctx, op, &consoleReporter{env: env, row: op.Row, tally: t}, lease)
		}
		return runUntilStopped(ctx, op, logReporter{t, f.options.Log}, lease)
	})
}

// runResponder answers challenges for given accounts and does nothing else.
func runResponder(ctx context.Context, env Env, f runFlags) error {
	accounts, err := operator.ParseThumbprints(f.thumbprints)
	if err != nil {
		return err
	}
	return operator.Respond(ctx, f.options.Listen, accounts, func() {
		env.say("answering challenges at %s for %s", f.options.Listen, count(len(f.thumbprints), "thumbprint"))
	})
}
