package issuance

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
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

// item is an entry and what is known besides.
type item struct {
	Entry
	decision Decision
	info     RenewalInfo
	// nextInfo is when renewal information is to be asked for again.
	nextInfo time.Time
	asked    bool                    // waits for renewal information
	running  bool                    // an order is under way
	claimed  string                  // the digest for which the budget was charged
	stop     context.CancelCauseFunc // ends the order under way
	outcome  Kind                    // of the last decision or order, for the summary
	since    time.Time

	due   time.Time // by the wall clock
	wake  time.Time // by the monotonic clock, no later than recheck
	index int       // in a queue, -1 for none
	lane  *caQueue
}

// caQueue holds the orders of one CA.
type caQueue struct {
	gate    *Gate
	waiting queue
	running int
}

// recheck is how often a decision is made anew while an item waits. Timers run
// by the monotonic clock, and the wall clock may jump past what they wait for.
const recheck = 15 * time.Minute

// askers is how many questions for renewal information are under way at once.
const askers = 16

func newEngine(r *Runner, once bool) *engine {
	return &engine{
		Runner: r, once: once, note: r.report,
		items: map[Ref]*item{}, lanes: map[string]*caQueue{}, budgets: map[string]*ratelimit.Budget{},
		results: make(chan func()), wakes: queue{less: func(a, b *item) bool { return a.wake.Before(b.wake) }},
	}
}

// start takes in everything there is and decides about it.
func (e *engine) start(ctx context.Context, entries []Entry) {
	e.life = ctx
	for _, entry := range entries {
		e.items[entry.Ref] = &item{Entry: entry, index: -1}
		e.account(entry)
	}
	for _, ref := range slices.SortedFunc(maps.Keys(e.items), compareRefs) {
		e.decide(e.items[ref])
	}
}

// loop works until the context ends, or until there is nothing left of a
// single pass.
func (e *engine) loop(ctx context.Context, changes <-chan Entry) error {
	defer e.drain()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		e.work(ctx)
		if e.once && e.begun && e.busy == 0 {
			return nil
		}
		e.set(timer)
		select {
		case <-ctx.Done():
			if e.once {
				return context.Cause(ctx)
			}
			return nil
		case apply := <-e.results:
			apply()
		case entry, open := <-changes:
			if !open {
				changes = nil
				break
			}
			e.change(entry)
		case <-timer.C:
			e.runDue()
		}
	}
}

// drain waits for the workers, which see that the context has ended.
func (e *engine) drain() {
	done := make(chan struct{})
	go func() { e.working.Wait(); close(done) }()
	for {
		select {
		case apply := <-e.results:
			apply()
		case <-done:
			return
		}
	}
}

func (e *engine) set(timer *time.Timer) {
	wait := time.Hour
	if len(e.wakes.items) > 0 {
		wait = max(time.Until(e.wakes.items[0].wake), 0)
	}
	timer.Reset(wait)
}

func (e *engine) runDue() {
	for now := time.Now(); len(e.wakes.items) > 0 && !e.wakes.items[0].wake.After(now); {
		it := heap.Pop(&e.wakes).(*item)
		if it.due.After(now) && Decide(it.Demand, it.Have, it.info, it.Journal, now, e.Rules) == it.decision {
			e.sleep(it, it.due)
			continue
		}
		e.decide(it)
	}
}

// change takes in an entry from the world.
func (e *engine) change(entry Entry) {
	it := e.items[entry.Ref]
	if it == nil {
		it = &item{index: -1}
		e.items[entry.Ref] = it
	}
	if entry.Have.RenewalID != it.Have.RenewalID {
		it.info, it.nextInfo = RenewalInfo{}, time.Time{}
	}
	if it.running && (entry.Demand == nil || entry.Demand.Digest != it.Demand.Digest || !reflect.DeepEqual(entry.Demand.Issuer, it.Demand.Issuer)) {
		it.stop(errChanged)
	}
	if mine := it.Journal; mine.Failed.After(entry.Journal.Failed) {
		// What failed here may be kept in this process only, or not be seen yet.
		mine.Version = cmp.Or(entry.Journal.Version, mine.Version)
		entry.Journal = mine
	}
	it.Entry = entry
	e.decide(it)
}

// errChanged ends an order that nobody wants any more in this way.
var errChanged = errors.New("asked for differently meanwhile")

// work starts what may start. A single pass orders nothing before it has
// decided about everything.
func (e *engine) work(ctx context.Context) {
	for e.asking < askers && len(e.questions) > 0 && ctx.Err() == nil {
		it := e.questions[0]
		e.questions = e.questions[1:]
		e.fetchRenewalInfo(ctx, it)
	}
	if e.once && e.asking > 0 || ctx.Err() != nil {
		return
	}
	if !e.begun {
		e.begun = true
		e.note(Event{Kind: Begun})
	}
	for _, l := range e.lanes {
		for !e.dry && l.running < l.gate.Limit() && len(l.waiting.items) > 0 {
			e.order(ctx, l, heap.Pop(&l.waiting).(*item))
		}
	}
}

func (e *engine) order(ctx context.Context, l *caQueue, it *item) {
	it.running, it.lane, it.since = true, nil, time.Now()
	l.running++
	e.busy++
	j := job{Entry: it.Entry, decision: it.decision, info: it.info}
	j.progress = func(s State) {
		e.results <- func() { e.note(Event{Kind: Advanced, Entry: j.Entry, Decision: j.decision, State: s}) }
	}
	ctx, it.stop = context.WithCancelCause(ctx)
	stop := it.stop
	e.working.Go(func() {
		defer stop(nil)
		have, journal := j.Have, j.Journal
		err := panics.Guard(func() (err error) {
			have, journal, err = e.fulfil(ctx, j)
			return err
		})()
		e.results <- func() {
			l.running--
			e.busy--
			e.finish(it, have, journal, err)
		}
	})
}

// finish takes in how an order went.
func (e *engine) finish(it *item, have SecretState, journal Journal, err error) {
	it.running, it.claimed = false, ""
	if it.Demand == nil { // nobody wants it any more
		it.Have, it.Journal = have, journal
		e.decide(it)
		return
	}
	if have.RenewalID != it.Have.RenewalID {
		it.info, it.nextInfo = RenewalInfo{}, time.Time{}
	}
	it.Have, it.Journal = have, journal
	event := Event{Kind: Done, Entry: it.Entry, Decision: it.decision, Took: time.Since(it.since), Err: err}
	switch f := (*Failure)(nil); {
	case err == nil:
		event.At, _ = Due(it.Demand, have, RenewalInfo{}, e.Rules.RenewBefore)
	case errors.Is(err, errSettled):
		event.Kind, event.Err = Fine, nil
	case errors.As(err, &f):
		event.Kind, event.At = Failed, journal.Next(it.Demand.Digest, have, time.Now()).Until
	case errors.Is(err, errChanged):
		e.decide(it)
		return
	default:
		it.outcome = Interrupted
		e.note(Event{Kind: Interrupted, Entry: it.Entry, Decision: it.decision})
		return // the next run resumes it
	}
	it.outcome = event.Kind
	e.note(event)
	if e.once {
		return
	}
	e.decide(it)
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

// gates are kept by server for the life of a Runner.
type gates struct {
	lock sync.Mutex
	m    map[string]*Gate
}

func (g *gates) at(server string, most int) *Gate {
	g.lock.Lock()
	defer g.lock.Unlock()
	if g.m == nil {
		g.m = map[string]*Gate{}
	}
	if g.m[server] == nil {
		g.m[server] = NewGate(most)
	}
	return g.m[server]
}

// Gate is the gate of a server, to tell it how the server answers.
func (r *Runner) Gate(server string) *Gate { return r.gates.at(server, max(r.Workers, 1)) }
