package cli

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// untilStopped keeps running until a signal, which is no error.
func (o *operator) untilStopped(ctx context.Context) error {
	err := o.keepRunning(ctx)
	if ctx.Err() == nil || err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	o.log.Info("stopped", "done", o.tally.String())
	return nil
}

// keepRunning follows the cluster until the context ends. Every replica
// answers challenges; the one with the Lease orders.
func (o *operator) keepRunning(ctx context.Context) error {
	given, err := o.given(ctx)
	if err != nil {
		return err
	}
	o.tally.follows = true
	s, ctx := newServers(ctx)
	defer s.close()
	if err := o.listen(s); err != nil {
		return err
	}
	m := newMetrics()
	if err := s.listen("--metrics-listen", o.in.metrics, m.handler(), nil); err != nil {
		return err
	}
	// Every replica follows the cluster, so that it can answer and take over.
	source := cluster.Watch(o.world)
	source.Say = func(text string) { o.log.Info(text) }
	if err := source.Start(ctx, !given || o.in.fromCluster); err != nil {
		return err
	}
	for _, note := range o.world.Notes() {
		o.log.Warn(note)
	}
	o.accounts.learn(ctx)
	m.ready.Store(true)
	if o.in.listen != "" {
		go o.keepLearning(ctx)
	}
	l := looper{operator: o, metrics: m, events: newRecorder(o)}
	defer func() { l.events.close(ctx) }()
	runner := o.runner(l.tell)
	for {
		err = o.lead(ctx, func(ctx context.Context) error {
			if err := o.alone(ctx); err != nil {
				return err
			}
			return runner.Loop(ctx, sharded{source, o.in.part, l.begun})
		})
		if !errors.Is(err, errLeaseLost) || ctx.Err() != nil {
			break
		}
		o.log.Warn("ordering stops until the Lease is ours again", "error", err.Error())
	}
	return cmp.Or(s.failure(), err)
}

// keepLearning lets the responder answer for accounts that other replicas open.
func (o *operator) keepLearning(ctx context.Context) {
	ticks := time.NewTicker(time.Minute)
	defer ticks.Stop()
	for {
		o.accounts.learn(ctx)
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// sharded is a source without what other shards work on.
type sharded struct {
	run.Source
	part  shard
	begun func(ctx context.Context, entries int) error
}

func (s sharded) Entries(ctx context.Context) ([]run.Entry, error) {
	all, err := s.Source.Entries(ctx)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for _, e := range all {
		if s.part.keep(e.Ref) {
			kept = append(kept, e)
		}
	}
	return kept, s.begun(ctx, len(kept))
}

func (s sharded) Changes(ctx context.Context) <-chan run.Entry {
	if s.part.of == 1 {
		return s.Source.Changes(ctx)
	}
	all, kept := s.Source.Changes(ctx), make(chan run.Entry)
	go func() {
		defer close(kept)
		for {
			select {
			case e, open := <-all:
				if !open {
					return
				}
				if s.part.keep(e.Ref) {
					select {
					case kept <- e:
					case <-ctx.Done():
						return
					}
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return kept
}

// looper tells what happens as log lines, metrics and Events.
type looper struct {
	*operator
	metrics *metrics
	events  *recorder
}

func (l *looper) begun(ctx context.Context, entries int) error {
	l.log.Info("following the cluster", "certificates", entries)
	return l.world.SweepSolvers(ctx)
}

func (l *looper) tell(e run.Event) {
	l.metrics.tell(e)
	l.events.tell(e)
	l.tally.tell(e)
	log := l.log.With("namespace", e.Entry.Ref.Namespace, "secret", e.Entry.Ref.Name)
	switch e.Kind {
	case run.Planned:
		log.Info("ordering", "why", string(e.Decision.Why), "detail", e.Decision.Detail, "cost", e.Cost.Text)
	case run.Held:
		log.Warn("held back", "why", e.Decision.Held)
	case run.Done:
		log.Info("issued", "took", e.Took.Round(time.Millisecond).String(), "expires", e.Entry.Have.NotAfter.UTC().Format(time.RFC3339), "renews", e.At.UTC().Format(time.RFC3339))
	case run.Failed:
		log.Error("failed", "error", e.Err.Error(), "next", e.At.UTC().Format(time.RFC3339))
	}
}
