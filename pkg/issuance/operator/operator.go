package operator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	typedcoordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// Cluster is the cluster of an operator.
type Cluster struct {
	// REST is the configuration of its client. Its UserAgent is sent to CAs too.
	REST   *rest.Config
	Client *kube.Client
	// Namespace is the namespace of the context.
	Namespace string
}

// Operator issues the certificates that are requested in a cluster. New creates one, for one
// call of Once, Run, Plan or Status.
type Operator struct {
	options Options
	log     *slog.Logger

	namespace string
	client    *kube.Client
	secrets   *store.Store
	snapshot  *watch.Snapshot
	leases    typedcoordinationv1.LeasesGetter
	events    typedcorev1.EventsGetter

	planned []*issuance.Demand // by Plan

	accounts    *accounts
	dialer      accountDialer
	thumbprints *thumbprints
	methods     challengeMethods
	solvers     *solvers
	responder   *responder.Responder
	tlsALPN     *responder.TLSALPN
}

// New returns an operator. It sends no request and starts nothing.
func New(c Cluster, options Options) (*Operator, error) {
	secrets, err := store.New(c.REST)
	if err != nil {
		return nil, err
	}
	finishing := rest.CopyConfig(c.REST)
	kube.FinishWrites(finishing)
	leases, err := typedcoordinationv1.NewForConfig(finishing)
	if err != nil {
		return nil, err
	}
	events, err := typedcorev1.NewForConfig(c.REST)
	if err != nil {
		return nil, err
	}
	o := &Operator{
		options: options, log: options.Log, namespace: c.Namespace, client: c.Client, secrets: secrets, leases: leases, events: events,
		snapshot: watch.NewSnapshot(c.Client, secrets.Core(), options.Namespace, options.Grants),
		accounts: &accounts{}, tlsALPN: &responder.TLSALPN{},
	}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	ofIssuers := issuerSecrets{secrets, options.ClusterNamespace}
	o.dialer = accountDialer{
		secrets: ofIssuers, existing: options.DryRun, userAgent: c.REST.UserAgent, journalled: o.snapshot.Journalled, timeout: options.CATimeout, log: o.log,
	}
	o.thumbprints = newThumbprints(ofIssuers, o.snapshot)
	o.responder = &responder.Responder{Thumbprints: o.thumbprints.of}
	o.methods = challengeMethods{snapshot: o.snapshot, http01: options.HTTP01, tlsALPN: options.ListenTLS != ""}
	checker := responder.NewChecker(options.HTTP01Resolvers)
	o.solvers = &solvers{
		methods: o.methods, checker: checker,
		http: responder.HTTP{Responder: o.responder, SelfCheck: &responder.SelfCheck{Checker: checker, Log: o.log}}, tlsALPN: o.tlsALPN,
		dns:    newDNSSolvers(ofIssuers, dns01.Options{Resolvers: options.Resolvers, ResolversOnly: options.ResolversOnly}),
		client: c.Client, image: options.SolverImage,
	}
	return o, nil
}

// runner returns the engine. Its accounts and solvers end with life.
func (o *Operator) runner(life context.Context, report func(issuance.Event)) *issuance.Runner {
	r := &issuance.Runner{
		Store: o.secrets, Workers: o.options.Workers, Report: report,
		Rules: issuance.Rules{RenewBefore: o.options.RenewBefore, Adopt: o.options.Adopt, Refusal: o.methods.refusal},
	}
	r.CA = func(ctx context.Context, issuer issuance.Issuer) (issuance.CA, error) {
		ca, err := o.accounts.open(ctx, issuer, opener{
			dial:   func() (issuance.CA, error) { return o.dialer.dial(life, issuer, r.Gate) },
			hasKey: func(ca issuance.CA) bool { return o.dialer.hasKey(life, issuer, ca) },
		})
		if life.Err() != nil {
			return nil, context.Canceled
		}
		return ca, err
	}
	r.Solvers = func(d *issuance.Demand, ca issuance.CA) func(string, bool, []string) (issuance.ChosenSolver, error) {
		return o.solvers.choose(life, d, ca)
	}
	r.Release = store.NewCertificateRequests(o.client).Release
	if o.options.RateLimits {
		r.Limits = ratelimit.Published
	}
	return r
}

// read reads the requests and the existing Secrets.
func (o *Operator) read(ctx context.Context, hooks Hooks) ([]issuance.Entry, error) {
	defer hooks.reading()()
	if err := o.readRequests(ctx); err != nil {
		return nil, err
	}
	if err := o.snapshot.ReadSecrets(ctx); err != nil {
		return nil, err
	}
	if err := o.snapshot.ReadOrders(ctx); err != nil {
		return nil, err
	}
	for _, note := range o.snapshot.Notes() {
		hooks.note(note)
	}
	entries, err := o.snapshot.Entries(ctx)
	return slices.DeleteFunc(entries, func(e issuance.Entry) bool { return !o.options.Shard.Contains(e.Ref) }), err
}

// readRequests reads the requests, of the manifests and of the cluster.
func (o *Operator) readRequests(ctx context.Context) error {
	o.snapshot.Add(o.options.Manifests)
	if !o.options.readsCluster() {
		return nil
	}
	return o.snapshot.ReadDemand(ctx)
}

// lead calls work while this replica may place orders.
func (o *Operator) lead(ctx context.Context, hooks Hooks, work func(context.Context) error) error {
	if !o.options.LeaderElect {
		return work(ctx)
	}
	e := elector{client: o.leases, namespace: o.options.LeaseNamespace, lease: leaseName(o.options.Shard), duration: o.options.LeaseDuration}
	if e.namespace == "" {
		e.namespace = o.namespace
	}
	return e.lead(ctx, hooks.lease, work)
}

// listen starts the servers that answer challenges, before anything is ordered.
func (o *Operator) listen(s *servers) error {
	return errors.Join(
		s.listen(ServerHTTP01, o.options.Listen, o.responder, nil),
		s.listen(ServerTLSALPN01, o.options.ListenTLS, nil, o.tlsALPN.Config()),
	)
}

// CertManagerRunningError reports that cert-manager is running and issues from the same
// objects.
type CertManagerRunningError struct {
	// Holder is the Lease of its controllers and the holder's identity.
	Holder string
}

// Error implements error.
func (e *CertManagerRunningError) Error() string {
	return fmt.Sprintf("cert-manager is running (%s) and issues from the same objects", e.Holder)
}

// CertManagerUnknownError reports that it is unknown whether cert-manager is running.
type CertManagerUnknownError struct{ Err error }

// Error implements error.
func (e *CertManagerUnknownError) Error() string {
	return fmt.Sprintf("check whether cert-manager is running: %v", e.Err)
}

// Unwrap returns the cause.
func (e *CertManagerUnknownError) Unwrap() error { return e.Err }

// refuseBesideCertManager returns an error if cert-manager issues from the same objects, or if
// that is unknown.
func (o *Operator) refuseBesideCertManager(ctx context.Context) error {
	if o.options.IgnoreCertManager {
		return nil
	}
	holder, err := watch.CertManager(ctx, o.client)
	if err != nil {
		return &CertManagerUnknownError{err}
	}
	if holder != "" {
		return &CertManagerRunningError{holder}
	}
	return nil
}
