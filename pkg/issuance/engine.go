package issuance

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// engine is one pass, or the run of a loop. One goroutine owns its state; others execute orders
// and queries and send their results.
type engine struct {
	runner *Runner
	// once ends when nothing is left to do; dry places no orders.
	once, dry bool
	life      context.Context
	begun     bool // in a single pass: everything is decided, orders may start
	// report receives every event.
	report func(Event)

	items    map[Ref]*item
	caQueues map[string]*caQueue // by ACME directory
	timers   queue               // by time
	budgets  map[string]*ratelimit.Budget
	results  chan func()
	working  sync.WaitGroup
	busy     int // workers without a result
	// queries and pendingQueries limit concurrent queries for renewal information.
	queries        int
	pendingQueries []*item
}

// recheck is how often a waiting item is decided again. Timers use the monotonic clock, and the
// wall clock may jump past their time.
const recheck = 15 * time.Minute

func newEngine(r *Runner, once bool) *engine {
	return &engine{
		runner: r, once: once, report: r.report,
		items: map[Ref]*item{}, caQueues: map[string]*caQueue{}, budgets: map[string]*ratelimit.Budget{},
		results: make(chan func()), timers: queue{less: func(a, b *item) bool { return a.wake.Before(b.wake) }},
	}
}

// account adds issued certificates to the budget.
func (e *engine) account(entry Entry) {
	if entry.Demand == nil || entry.Demand.Problem != "" || !entry.Secret.Exists || entry.Secret.Temporary || entry.Secret.NotBefore.IsZero() {
		return
	}
	if entry.Secret.otherServer(entry.Demand.ACME().Server) == "" {
		e.budget(entry.Demand).Spend(entry.Secret.Names, false, false, notLater(entry.Secret.NotBefore, time.Now()))
	}
}

func (e *engine) budget(d *Demand) *ratelimit.Budget {
	server := d.ACME().Server
	if e.budgets[server] == nil {
		var limits ratelimit.Limits
		if e.runner.Limits != nil {
			limits = e.runner.Limits(server)
		}
		e.budgets[server] = ratelimit.NewBudget(limits)
	}
	return e.budgets[server]
}

func (e *engine) caQueue(server string) *caQueue {
	if e.caQueues[server] == nil {
		e.caQueues[server] = &caQueue{gate: e.runner.gates.at(server, max(e.runner.Workers, 1)), waiting: queue{less: urgent}}
	}
	return e.caQueues[server]
}

func (e *engine) remove(it *item) {
	switch {
	case it.index < 0:
	case it.queue != nil:
		heap.Remove(&it.queue.waiting, it.index)
	default:
		heap.Remove(&e.timers, it.index)
	}
	it.queue = nil
}

// sleep wakes an item at a time, or earlier to query renewal information. Deferred items do not
// query it, so their next query may be in the past.
func (e *engine) sleep(it *item, at time.Time) {
	now := time.Now()
	if next := it.nextInfo; !it.queried && next.After(now) && (at.IsZero() || next.Before(at)) {
		at = next
	}
	if at.IsZero() || e.once {
		return
	}
	it.due, it.wake = at, now.Add(min(at.Sub(now), recheck))
	heap.Push(&e.timers, it)
}

func (e *engine) summary() Summary {
	var s Summary
	for _, it := range e.items {
		switch it.outcome {
		case Done:
			s.Issued++
		case Failed:
			s.Failed++
		case Planned:
			s.Waiting++
		case Interrupted:
			s.Interrupted++
		case Deferred:
			s.Deferred++
		case rateLimited:
			s.RateLimited++
		case UpToDate:
			s.UpToDate++
		}
	}
	return s
}
