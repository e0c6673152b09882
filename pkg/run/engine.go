package run

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
)

// engine is one pass or one life of a Runner. One goroutine owns all of it;
// others carry out orders and questions, and send what came of them.
type engine struct {
	*Runner
	// once ends when there is nothing left to do; dry orders nothing.
	once, dry bool
	begun     bool // of a single pass: all is decided, orders may start
	// note is told of every event.
	note func(Event)

	items   map[Ref]*item
	lanes   map[string]*lane // by ACME directory
	wakes   queue            // by time
	budgets map[string]*Budget
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

	wake  time.Time
	index int // in a queue, -1 for none
	lane  *lane
}

// lane holds the orders of one CA.
type lane struct {
	gate    *Gate
	waiting queue
	running int
}

// askers is how many questions for renewal information are under way at once.
const askers = 16

func newEngine(r *Runner, once bool) *engine {
	return &engine{
		Runner: r, once: once, note: r.report,
		items: map[Ref]*item{}, lanes: map[string]*lane{}, budgets: map[string]*Budget{},
		results: make(chan func()), wakes: queue{less: func(a, b *item) bool { return a.wake.Before(b.wake) }},
	}
}

// start takes in everything there is and decides about it.
func (e *engine) start(_ context.Context, entries []Entry) {
	for _, entry := range entries {
		e.items[entry.Ref] = &item{Entry: entry, index: -1}
		e.account(entry)
	}
	for _, ref := range slices.SortedFunc(maps.Keys(e.items), compareRefs) {
		e.decide(e.items[ref])
	}
}

// account notes in the budget what was issued.
func (e *engine) account(entry Entry) {
	if entry.Demand == nil || entry.Demand.Problem != "" || !entry.Have.Exists || entry.Have.Temporary || entry.Have.NotBefore.IsZero() {
		return
	}
	if server := entry.Have.Note.Server; server == "" || server == entry.Demand.ACME().Server {
		e.budget(entry.Demand).Spend(entry.Have.Names, false, false, entry.Have.NotBefore)
	}
}

func (e *engine) budget(d *Demand) *Budget {
	server := d.ACME().Server
	if e.budgets[server] == nil {
		var limits Limits
		if e.Limits != nil {
			limits = e.Limits(server)
		}
		e.budgets[server] = NewBudget(limits)
	}
	return e.budgets[server]
}

// decide looks at an item anew and queues what follows.
func (e *engine) decide(it *item) {
	if it.running {
		return // its end decides anew
	}
	e.remove(it)
	if it.Demand == nil {
		e.drop(it)
		return
	}
	now := time.Now()
	it.decision = Decide(it.Demand, it.Have, it.info, it.Journal, now, e.Rules)
	switch {
	case it.decision.Held != "":
		it.outcome = Held
		e.note(Event{Kind: Held, Entry: it.Entry, Decision: it.decision, At: it.decision.At})
		e.sleep(it, it.decision.At)
	case it.decision.Why == RenewalDue && e.ask(it, now):
		it.outcome = Fine // until the CA has had its say
	case it.decision.Why != "":
		e.plan(it, now)
	default:
		it.outcome = Fine
		e.forget(it)
		e.note(Event{Kind: Fine, Entry: it.Entry, Decision: it.decision, At: it.decision.At})
		e.ask(it, now)
		e.sleep(it, it.decision.At)
	}
}

// drop lets go of an item that nobody asks for.
func (e *engine) drop(it *item) {
	delete(e.items, it.Ref)
	e.note(Event{Kind: Gone, Entry: it.Entry})
	e.forget(it)
}

// forget removes a journal that serves no purpose: nobody asks for the
// certificate, or it is there.
func (e *engine) forget(it *item) {
	if it.Journal.Version == "" || e.dry {
		return
	}
	version := it.Journal.Version
	it.Journal = Journal{}
	e.busy++
	e.working.Go(func() {
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		_ = e.Store.Forget(ctx, it.Ref, version) // the next start finds it again
		e.results <- func() { e.busy-- }
	})
}

// plan queues an order, unless the CA's limits are used up.
func (e *engine) plan(it *item, now time.Time) {
	d, budget := it.Demand, e.budget(it.Demand)
	same, replaces := it.same(), it.replaces()
	cost := budget.Cost(d.Names, same, replaces, now)
	if cost.Until.After(now) && !it.Journal.resumes(d) && it.claimed != d.Digest {
		it.outcome = Held
		it.decision.Held = "the CA's rate limit is used up: " + cost.Text
		e.note(Event{Kind: Held, Entry: it.Entry, Decision: it.decision, At: cost.Until})
		e.sleep(it, cost.Until)
		return
	}
	if it.claimed != d.Digest {
		it.claimed = d.Digest
		budget.Spend(d.Names, same, replaces, now)
	}
	it.outcome = Planned
	e.note(Event{Kind: Planned, Entry: it.Entry, Decision: it.decision, Cost: cost.Text})
	l := e.lane(d.ACME().Server)
	it.lane = l
	heap.Push(&l.waiting, it)
}

// same reports whether the names were certified before.
func (it *item) same() bool {
	return it.Have.Exists && !it.Have.Temporary && slices.Equal(it.Have.Names, it.Demand.Names)
}

// replaces reports whether the order will say which certificate it renews, and
// the CA will know it: it gave renewal information about it.
func (it *item) replaces() bool { return it.decision.Replaces != "" && !it.info.Start.IsZero() }

func (e *engine) lane(server string) *lane {
	if e.lanes[server] == nil {
		e.lanes[server] = &lane{gate: e.gates.at(server, max(e.Workers, 1)), waiting: queue{less: urgent}}
	}
	return e.lanes[server]
}

// urgent puts first what is missing, then what expires first.
func urgent(a, b *item) bool {
	if c := a.Have.NotAfter.Compare(b.Have.NotAfter); c != 0 {
		return c < 0
	}
	return compareRefs(a.Ref, b.Ref) < 0
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

// sleep wakes an item at a time, or earlier for renewal information.
func (e *engine) sleep(it *item, at time.Time) {
	if next := it.nextInfo; !it.asked && !next.IsZero() && (at.IsZero() || next.Before(at)) {
		at = next
	}
	if at.IsZero() || e.once {
		return
	}
	it.wake = at
	heap.Push(&e.wakes, it)
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
			e.awake()
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

func (e *engine) awake() {
	for now := time.Now(); len(e.wakes.items) > 0 && !e.wakes.items[0].wake.After(now); {
		e.decide(heap.Pop(&e.wakes).(*item))
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
		e.question(ctx, it)
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

func (e *engine) order(ctx context.Context, l *lane, it *item) {
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
		have, journal, err := e.fulfil(ctx, j)
		e.results <- func() {
			l.running--
			e.busy--
			e.finish(it, have, journal, err)
		}
	})
}

// finish takes in how an order went.
func (e *engine) finish(it *item, have Have, journal Journal, err error) {
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
		event.Kind, event.At = Failed, journal.Next(it.Demand.Digest)
	case errors.Is(err, errChanged):
		e.decide(it)
		return
	default:
		it.outcome = Failed
		return // interrupted: the next run goes on with it
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
		case Failed, Planned:
			s.Failed++
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
