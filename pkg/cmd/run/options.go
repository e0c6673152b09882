package run

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
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

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Process: f.Process, Settings: operator.DefaultOptions(), Output: output.ForRows()}
	o.Operator = func(settings operator.Options) (*operator.Operator, error) { return o.Requests.Operator(f, settings) }
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
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Requests.AddTo(cmd, requests.Usage{
		File:      "take what is asked for from this certs.yaml or these manifests, not from the cluster: files, folders, - for stdin",
		Kustomize: "take what is asked for from this kustomization, not from the cluster",
	})
	o.Output.AddTo(cmd)
	format := cmd.Flag("output")
	format.Usage = "with --dry-run: " + format.Usage
	o.addFlags(cmd)
	return cmd
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
