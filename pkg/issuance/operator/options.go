package operator

import (
	"context"
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
	HTTP01Auto   HTTP01Mode = "auto"   // static for hosts with a permanent route, else solver
	HTTP01Static HTTP01Mode = "static" // by the server at Options.Listen
	HTTP01Solver HTTP01Mode = "solver" // by a pod, a Service and a route for each challenge
)

// Options are the settings of an operator. Start from DefaultOptions.
type Options struct {
	// Namespace is the namespace to work on, "" for all.
	Namespace string
	// Grants let namespaces prove control of hosts that they do not route. They
	// matter only where all namespaces are worked on.
	Grants []watch.Grant
	// Manifests returns the objects that request certificates, in place of
	// those in the cluster; nil for the cluster's only.
	Manifests func(context.Context) ([]manifest.Object, error)
	// FromCluster reads the cluster's objects in addition to Manifests.
	FromCluster bool
	// Shard is the part of the Secrets to work on.
	Shard Shard

	// DryRun opens existing accounts only: it registers none and makes no key.
	DryRun bool
	// Workers is the highest number of concurrent orders at one CA, at least 1.
	Workers int
	// RenewBefore is the time before expiry at which certificates are renewed
	// where neither the CA nor the manifests say; 0 for the usual.
	RenewBefore time.Duration
	// RateLimits defers orders that would exceed the CA's published limits.
	RateLimits bool
	// Adopt takes over TLS Secrets of other controllers.
	Adopt bool
	// IgnoreCertManager works beside a running cert-manager.
	IgnoreCertManager bool

	// Listen is the address for HTTP-01 challenges, and ListenTLS the one for
	// TLS-ALPN-01 challenges; "" for none.
	Listen, ListenTLS string
	HTTP01            HTTP01Mode
	// SolverImage is the image of solver pods.
	SolverImage string
	// ClusterNamespace is the namespace of the Secrets of ClusterIssuers.
	ClusterNamespace string
	// Resolvers are recursive name servers for DNS-01, as host:port; nil for
	// those of this machine. ResolversOnly checks propagation with no others.
	Resolvers     []string
	ResolversOnly bool

	// LeaderElect places orders only while the Lease is held.
	LeaderElect bool
	// LeaseNamespace is the namespace of the Lease, "" for Cluster.Namespace.
	LeaseNamespace string
	// LeaseDuration is the time after which another replica takes over a Lease
	// that is not renewed.
	LeaseDuration time.Duration
	// MetricsListen is the address for metrics and health checks, "" for none.
	MetricsListen string

	// Log receives what happens to accounts and, of Run, how the cluster is
	// followed; nil discards it.
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
	}
}

// readsCluster reports whether the cluster's objects request certificates.
func (o Options) readsCluster() bool { return o.Manifests == nil || o.FromCluster }

// Hooks report what an operator does while it works. A nil function reports
// nothing. Lease may be called at the same time as another one.
type Hooks struct {
	// Event receives the events of orders.
	Event func(issuance.Event)
	// Lease receives the steps of leader election.
	Lease func(LeaseEvent)
	// Note receives what was left out while the cluster was read, and why.
	Note func(text string)
	// Reading is called before the cluster is read, and its result after that.
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
