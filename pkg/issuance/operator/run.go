package operator

import (
	"cmp"
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/http01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
)

// Once issues what is due, in a single pass, and returns the counts. It fails if cert-manager
// is running.
func (o *Operator) Once(ctx context.Context, hooks Hooks) (issuance.Summary, error) {
	if err := o.refuseBesideCertManager(ctx); err != nil {
		return issuance.Summary{}, err
	}
	life, summary := ctx, issuance.Summary{}
	err := o.lead(ctx, hooks, func(ctx context.Context) (err error) {
		summary, err = o.pass(ctx, life, hooks)
		return err
	})
	return summary, err
}

func (o *Operator) pass(ctx, life context.Context, hooks Hooks) (issuance.Summary, error) {
	entries, err := o.read(ctx, hooks)
	if err != nil {
		return issuance.Summary{}, err
	}
	s, ctx := newServers(ctx)
	defer s.close()
	if err := o.listen(s); err != nil {
		return issuance.Summary{}, err
	}
	if err := o.sweep(ctx); err != nil {
		return issuance.Summary{}, err
	}
	events := startEvents(o.events)
	defer func() { events.close(ctx) }()
	return o.runner(life, func(e issuance.Event) {
		events.record(e)
		hooks.event(e)
	}).Once(ctx, entries)
}

// Run watches the cluster until ctx ends. Every replica answers challenges. The one that holds
// the Lease places orders, unless cert-manager is running.
func (o *Operator) Run(ctx context.Context, hooks Hooks) error {
	life := ctx
	o.snapshot.Add(o.options.Manifests)
	s, ctx := newServers(ctx)
	defer s.close()
	if err := o.listen(s); err != nil {
		return err
	}
	m := newMetrics()
	if err := s.listen(ServerMetrics, o.options.MetricsListen, m.handler(), nil); err != nil {
		return err
	}
	source, err := o.follow(ctx)
	if err != nil {
		return err
	}
	m.ready.Store(true)
	events := startEvents(o.events)
	defer func() { events.close(ctx) }()
	err = o.order(ctx, hooks, source, o.runner(life, func(e issuance.Event) {
		m.observe(e)
		events.record(e)
		hooks.event(e)
	}))
	return cmp.Or(s.failure(), err)
}

// sweep deletes the solver objects of interrupted runs.
func (o *Operator) sweep(ctx context.Context) error {
	return http01.Sweep(ctx, o.client, o.snapshot.Namespaces(), o.snapshot.OrdersUnderWay())
}

// follow starts to watch the cluster. Every replica does, so that it can answer challenges and
// become the leader.
func (o *Operator) follow(ctx context.Context) (issuance.Source, error) {
	source := watch.NewWatcher(o.snapshot)
	source.Say = func(text string) { o.log.Info(text) }
	if err := source.Start(ctx, o.options.readsCluster()); err != nil {
		return nil, err
	}
	if err := o.snapshot.ReadOrders(ctx); err != nil {
		return nil, err
	}
	for _, note := range o.snapshot.Notes() {
		o.log.Warn(note)
	}
	o.thumbprints.readAll(ctx)
	if o.options.Listen != "" {
		// Other replicas open accounts too.
		go wait.UntilWithContext(ctx, func(ctx context.Context) { o.thumbprints.readAll(ctx) }, time.Minute)
	}
	return shardSource{source, o.options.Shard, func(ctx context.Context, entries int) error {
		o.log.Info("watching the cluster", "certificates", entries)
		return o.sweep(ctx)
	}}, nil
}

// order places orders whenever this replica holds the Lease.
func (o *Operator) order(ctx context.Context, hooks Hooks, source issuance.Source, runner *issuance.Runner) error {
	for {
		err := o.lead(ctx, hooks, func(ctx context.Context) error {
			if err := o.refuseBesideCertManager(ctx); err != nil {
				return err
			}
			return runner.Loop(ctx, source)
		})
		if !errors.Is(err, errLeaseLost) || ctx.Err() != nil {
			return err
		}
		o.log.Warn("no orders until this replica holds the Lease again", "error", err.Error())
	}
}
