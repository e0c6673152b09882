package operator

import (
	"log/slog"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// HTTP01Mode is how HTTP-01 challenges are answered.
type HTTP01Mode string

// The modes of HTTP-01.
const (
	HTTP01Auto   HTTP01Mode = "auto"   // static for hosts with a static challenge route, otherwise solver
	HTTP01Static HTTP01Mode = "static" // by the server at Options.Listen
	HTTP01Solver HTTP01Mode = "solver" // by a pod, a Service and a route for each challenge
)

// Options are the settings of an operator. Start from DefaultOptions.
type Options struct {
	// Namespace is the namespace to issue in, "" for all.
	Namespace string
	// Grants allow namespaces to validate hosts that they do not route. They are used only if
	// Namespace is "".
	Grants []watch.Grant
	// Manifests are objects that request certificates, instead of those in the cluster; nil for
	// the cluster's only.
	Manifests []manifest.Object
	// FromCluster reads the cluster's objects in addition to Manifests.
	FromCluster bool
	// Shard is the part of the Secrets to issue.
	Shard Shard

	// DryRun uses only existing accounts: it registers none and generates no key.
	DryRun bool
	// Workers is the maximum number of concurrent orders at one CA, at least 1.
	Workers int
	// RenewBefore is the time before expiry at which certificates are renewed if neither the CA
	// nor the manifests set one; 0 for a part of the lifetime.
	RenewBefore time.Duration
	// RateLimits defers orders that would exceed the CA's published limits.
	RateLimits bool
	// Adopt allows overwriting TLS Secrets of other controllers.
	Adopt bool
	// IgnoreCertManager issues also while cert-manager is running.
	IgnoreCertManager bool

	// Listen is the address for HTTP-01 challenges, and ListenTLS the one for TLS-ALPN-01
	// challenges; "" for none.
	Listen, ListenTLS string
	HTTP01            HTTP01Mode
	// SolverImage is the image of solver pods.
	SolverImage string
	// ClusterNamespace is the namespace of the Secrets of ClusterIssuers.
	ClusterNamespace string
	// Resolvers are recursive name servers for DNS-01, as host:port; nil for those of this
	// machine. ResolversOnly checks propagation only with them.
	Resolvers     []string
	ResolversOnly bool
	// HTTP01Resolvers are recursive name servers for the self-check of HTTP-01, as host:port; nil
	// for those of this machine.
	HTTP01Resolvers []string

	// LeaderElect places orders only while the Lease is held.
	LeaderElect bool
	// LeaseNamespace is the namespace of the Lease, "" for Cluster.Namespace.
	LeaseNamespace string
	// LeaseDuration is the time after which another replica acquires a Lease that is not
	// renewed.
	LeaseDuration time.Duration
	// MetricsListen is the address for metrics and health checks, "" for none.
	MetricsListen string

	// CATimeout is how long an order waits for an ACME server that is not available.
	CATimeout time.Duration

	// Log receives messages about accounts and, in Run, about watching the cluster; nil
	// discards them.
	Log *slog.Logger
}

// DefaultOptions returns the options of a run without flags.
func DefaultOptions() Options {
	return Options{
		Shard:            Shard{0, 1},
		Workers:          64,
		RateLimits:       true,
		HTTP01:           HTTP01Auto,
		SolverImage:      "quay.io/jetstack/cert-manager-acmesolver:v1.21.2",
		ClusterNamespace: "cert-manager",
		LeaderElect:      true,
		LeaseDuration:    15 * time.Second,
		CATimeout:        2 * time.Minute,
	}
}

// readsCluster reports whether the cluster's objects request certificates.
func (o Options) readsCluster() bool { return o.Manifests == nil || o.FromCluster }

// Hooks are called while an operator works. A nil function reports nothing. Lease may be called
// concurrently with another one.
type Hooks struct {
	// Event receives the events of orders.
	Event func(issuance.Event)
	// Lease receives the events of leader election.
	Lease func(LeaseEvent)
	// Note receives what was skipped while the cluster was read, and why.
	Note func(text string)
	// Reading is called before the cluster is read, and its result afterwards.
	Reading func() (done func())
}

func (h Hooks) event(e issuance.Event) {
	if h.Event != nil {
		h.Event(e)
	}
}

func (h Hooks) lease(e LeaseEvent) {
	if h.Lease != nil {
		h.Lease(e)
	}
}

func (h Hooks) note(text string) {
	if h.Note != nil {
		h.Note(text)
	}
}

func (h Hooks) reading() (done func()) {
	if h.Reading == nil {
		return func() {}
	}
	return h.Reading()
}
