package issuance

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// engine is one pass or one life of a Runner. One goroutine owns all of it;
// others carry out orders and questions, and send what came of them.
type engine struct {
	*Runner
	// once ends when there is nothing left to do; dry orders nothing.
	once, dry bool
	life      context.Context
	begun     bool // of a single pass: all is decided, orders may start
	// note is told of every event.
	note func(Event)

	items   map[Ref]*item
	lanes   map[string]*caQueue // by ACME directory
	wakes   queue               // by time
	budgets map[string]*ratelimit.Budget
	results chan func()
	working sync.WaitGroup
	busy    int // workers that have not reported
	// asking and questions bound how much renewal information is asked at once.
	asking    int
	questions []*item
}

// recheck is how often a decision is made anew while an item waits. Timers run
// by the monotonic clock, and the wall clock may jump past what they wait for.
const recheck = 15 * time.Minute

func newEngine(r *Runner, once bool) *engine {
	return &engine{
		Runner: r, once: once, note: r.report,
		items: map[Ref]*item{}, lanes: map[string]*caQueue{}, budgets: map[string]*ratelimit.Budget{},
		results: make(chan func()), wakes: queue{less: func(a, b *item) bool { return a.wake.Before(b.wake) }},
	}
}

// account notes in the budget what was issued.
func (e *engine) account(entry Entry) {
	if entry.Demand == nil || entry.Demand.Problem != "" || !entry.Have.Exists || entry.Have.Temporary || entry.Have.NotBefore.IsZero() {
		return
	}
	if server := entry.Have.Note.Server; server == "" || server == entry.Demand.ACME().Server {
		e.budget(entry.Demand).Spend(entry.Have.Names, false, false, notLater(entry.Have.NotBefore, time.Now()))
	}
}

func (e *engine) budget(d *Demand) *ratelimit.Budget {
	server := d.ACME().Server
	if e.budgets[server] == nil {
		var limits ratelimit.Limits
		if e.Limits != nil {
			limits = e.Limits(server)
		}
		e.budgets[server] = ratelimit.NewBudget(limits)
	}
	return e.budgets[server]
}

func (e *engine) lane(server string) *caQueue {
	if e.lanes[server] == nil {
		e.lanes[server] = &caQueue{gate: e.gates.at(server, max(e.Workers, 1)), waiting: queue{less: urgent}}
	}
	return e.lanes[server]
}

func (e *engine) remove(it *item) {
	switch {
	case it.index < 0:
	case it.lane != nil:
		heap.Remove(&it.lane.waiting, it.index)
	default:
		heap.Remove(&e.wakes, it.index)
	}
	it.lane = nil
}

// sleep wakes an item at a time, or earlier for renewal information. What is
// held asks for none, so that its next question may be in the past.
func (e *engine) sleep(it *item, at time.Time) {
	now := time.Now()
	if next := it.nextInfo; !it.asked && next.After(now) && (at.IsZero() || next.Before(at)) {
		at = next
	}
	if at.IsZero() || e.once {
		return
	}
	it.due, it.wake = at, now.Add(min(at.Sub(now), recheck))
	heap.Push(&e.wakes, it)
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
		case Held:
			s.Held++
		case Fine:
			s.Fine++
		}
	}
	return s
}
