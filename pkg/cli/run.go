package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

type runFlags struct {
	project      projectFlags
	kustomize    string
	fromCluster  bool
	all          bool
	once, dryRun bool
	output       string

	listen, listenTLS string
	http01            string
	responderOnly     bool
	thumbprints       []string
	allowHosts        []string

	workers     int
	shard       string
	renewBefore time.Duration
	rateBudget  string
	adopt       bool

	ignoreCertManager bool
	clusterNamespace  string
	resolvers         []string
	resolversOnly     bool
	solverImage       string

	leaderElect    bool
	leaseNamespace string
	leaseDuration  time.Duration
	metrics        string

	shutdownTimeout time.Duration
}

func newRunCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f runFlags
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
			in, err := f.input(cmd)
			if err != nil {
				return err
			}
			if f.responderOnly {
				return env.finish(in.shutdownTimeout, func() error { return respond(cmd.Context(), env, in) })
			}
			return runRun(cmd.Context(), env, config, in)
		},
	}
	f.add(cmd)
	return cmd
}

func (f *runFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.project.addFile(flags, "", "take what is asked for from this certs.yaml, not from the cluster")
	flags.StringVarP(&f.project.environment, "environment", "e", "", "with -f: the environment")
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "take what is asked for from this kustomization, not from the cluster")
	flags.BoolVar(&f.fromCluster, "from-cluster", false, "take it from the cluster too, when -f or -k is given")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "look at all namespaces, not only the one of the context")
	flags.BoolVar(&f.once, "once", false, "issue what is to be issued now, and end")
	flags.BoolVar(&f.dryRun, "dry-run", false, "only tell what would be issued, why, how and at what cost")
	flags.StringVarP(&f.output, "output", "o", "table", "with --dry-run: table or json")
	flags.StringVar(&f.listen, "listen", "", "address at which to answer HTTP-01 challenges, such as :8089 behind a route or :80 on a host of its own")
	flags.StringVar(&f.listenTLS, "listen-tls", "", "address at which to answer TLS-ALPN-01 challenges, such as :443 on a host that the names point to")
	flags.StringVar(&f.http01, "http01", "auto", "how HTTP-01 is answered: static (at --listen), solver (by objects), or auto (static for hosts with a permanent route)")
	flags.BoolVar(&f.responderOnly, "responder-only", false, "only answer at --listen for --thumbprint; needs neither cluster nor key")
	flags.StringArrayVar(&f.thumbprints, "thumbprint", nil, "with --responder-only: thumbprint of an account key, or THUMBPRINT=HOST,HOST for some hosts (repeat for more)")
	flags.StringArrayVar(&f.allowHosts, "allow-host", nil, "with --all-namespaces: answer challenges for a host that the namespace does not route, as NAMESPACE=HOST; HOST may be a wildcard (repeat for more)")
	flags.IntVar(&f.workers, "workers", 64, "how many orders may be under way at one CA; fewer are while it is slow")
	flags.StringVar(&f.shard, "shard", "", "work on one part only, such as 0/3 of three")
	flags.DurationVar(&f.renewBefore, "renew-before", 0, "renew this long before expiry where neither the CA nor the manifests say, such as 360h (default: a third of the lifetime, half if under 10 days)")
	flags.StringVar(&f.rateBudget, "rate-budget", "auto", "auto waits where a published rate limit of the CA is used up; none does not")
	flags.BoolVar(&f.adopt, "adopt", false, "take over TLS Secrets that somebody else made")
	flags.BoolVar(&f.ignoreCertManager, "ignore-cert-manager", false, "do not check whether cert-manager is running; both may then order the same certificates")
	flags.StringVar(&f.clusterNamespace, "cluster-resource-namespace", "cert-manager", "namespace of the Secrets that ClusterIssuers refer to")
	flags.StringSliceVar(&f.resolvers, "dns01-recursive-nameservers", nil, "name servers to ask for DNS-01, as host:port (default: those of this machine)")
	flags.BoolVar(&f.resolversOnly, "dns01-recursive-nameservers-only", false, "ask nobody else whether a record is seen, not even the zone's own servers")
	flags.StringVar(&f.solverImage, "solver-pod-image", "quay.io/jetstack/cert-manager-acmesolver:v1.21.2", "image of the pods that answer HTTP-01 by solver objects")
	flags.BoolVar(&f.leaderElect, "leader-elect", true, "let a Lease see to it that only one run orders")
	flags.StringVar(&f.leaseNamespace, "leader-elect-resource-namespace", "", "namespace of the Lease (default: that of the context)")
	flags.DurationVar(&f.leaseDuration, "leader-elect-lease-duration", 15*time.Second, "how long the Lease of a run that died is respected")
	flags.DurationVar(&f.shutdownTimeout, "shutdown-timeout", shutdownTimeout, "how long run may take to end after SIGINT or SIGTERM: to finish requests in flight, remove answers to challenges and release the Lease")
	flags.StringVar(&f.metrics, "metrics-listen", "", "address for /metrics, /healthz and /readyz, such as :9402")
}

// shard is one part of several.
type shard struct{ index, of int }

type runInput struct {
	runFlags
	part   shard
	grants []cluster.Grant
}

// input checks the flags, all of them.
func (f runFlags) input(cmd *cobra.Command) (runInput, error) {
	in := runInput{runFlags: f, part: shard{0, 1}}
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	errs = append(errs, oneOf("http01", f.http01, "auto", "static", "solver"),
		oneOf("rate-budget", f.rateBudget, "auto", "none"), oneOf("output", f.output, "table", "json"))
	if f.workers < 1 {
		refuse("--workers must be at least 1")
	}
	if f.renewBefore < 0 {
		refuse("--renew-before must not be negative")
	}
	if f.project.file != "" && f.kustomize != "" {
		refuse("-f and -k exclude each other: what is asked for comes from one of them")
	}
	if f.http01 == "static" && f.listen == "" && !f.dryRun {
		refuse("--http01 static needs --listen, the address at which to answer")
	}
	if f.shutdownTimeout < time.Second {
		refuse("--shutdown-timeout must be at least 1s")
	}
	if f.leaseDuration < time.Second {
		refuse("--leader-elect-lease-duration must be at least 1s")
	}
	if cmd.Flags().Changed("output") && !f.dryRun {
		refuse("-o is for --dry-run")
	}
	if len(f.allowHosts) > 0 && !f.all {
		refuse("--allow-host is for --all-namespaces; where one namespace is watched every host is allowed")
	}
	for _, flag := range f.allowHosts {
		grant, err := parseGrant(flag)
		errs, in.grants = append(errs, err), append(in.grants, grant)
	}
	if f.shard != "" {
		var err error
		if in.part, err = parseShard(f.shard); err != nil {
			errs = append(errs, err)
		}
	}
	if f.responderOnly {
		if f.listen == "" || len(f.thumbprints) == 0 {
			refuse("--responder-only needs --listen and --thumbprint; run --dry-run tells the thumbprints")
		}
	} else if len(f.thumbprints) > 0 {
		refuse("--thumbprint is for --responder-only; a run knows its accounts")
	}
	return in, errors.Join(errs...)
}

// parseGrant reads NAMESPACE=HOST.
func parseGrant(flag string) (cluster.Grant, error) {
	namespace, host, _ := strings.Cut(flag, "=")
	name := strings.TrimPrefix(host, "*.")
	_, notAddress := netip.ParseAddr(host)
	if len(validation.IsDNS1123Label(namespace)) > 0 || notAddress != nil && len(validation.IsDNS1123Subdomain(strings.ToLower(name))) > 0 {
		return cluster.Grant{}, fmt.Errorf("--allow-host %q: must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com", flag)
	}
	return cluster.Grant{Namespace: namespace, Host: host}, nil
}

func parseShard(s string) (shard, error) {
	index, of, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	if !ok || err1 != nil || err2 != nil || i < 0 || n < 1 || i >= n {
		return shard{}, fmt.Errorf("--shard %q: must be INDEX/COUNT with INDEX from 0 to COUNT-1, as in 0/3", s)
	}
	return shard{i, n}, nil
}

// softMemoryLimit makes the collector work harder before it is passed; it is
// none, and 10,000 certificates stay below it.
const softMemoryLimit = 80 << 20

func runRun(ctx context.Context, env Env, config *genericclioptions.ConfigFlags, in runInput) error {
	// A pod's memory is dearer than a little time at the start.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
	ctx, stop := shutdown.With(ctx, shutdownLimit(in.shutdownTimeout))
	defer stop()
	o, err := newOperator(ctx, env, config, in)
	if err != nil {
		return err
	}
	if in.dryRun {
		return o.plan(ctx)
	}
	env.onStop(o.tally.String)
	return env.finish(in.shutdownTimeout, func() error {
		if in.once {
			return o.runOnce(ctx)
		}
		return o.untilStopped(ctx)
	})
}

// shutdownLimit is how long requests may take after a signal. The rest of the
// time is for the Lease.
func shutdownLimit(all time.Duration) time.Duration { return all * 7 / 10 }

// keep reports whether a Secret belongs to the shard, by rendezvous hashing:
// few move when the count changes.
func (s shard) keep(ref run.Ref) bool {
	if s.of == 1 {
		return true
	}
	best, bestWeight := 0, uint64(0)
	for i := range s.of {
		if w := weight(i, ref); i == 0 || w > bestWeight {
			best, bestWeight = i, w
		}
	}
	return best == s.index
}
