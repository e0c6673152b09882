package issuance

import (
	"container/heap"
	"context"
	"maps"
	"slices"
	"time"
)

// Once issues everything that is due. It returns when all of it is issued or has failed, or
// when the context ends.
func (r *Runner) Once(ctx context.Context, entries []Entry) (Summary, error) {
	e := newEngine(r, true)
	e.start(ctx, entries)
	err := e.loop(ctx, nil)
	return e.summary(), err
}

// Source is a changing set of entries.
type Source interface {
	// Entries returns all entries.
	Entries(ctx context.Context) ([]Entry, error)
	// Changes sends the full entry after each change, until the context ends. It need not be
	// closed then.
	Changes(ctx context.Context) <-chan Entry
}

// Loop issues and renews certificates until the context ends, and then returns nil.
func (r *Runner) Loop(ctx context.Context, source Source) error {
	entries, err := source.Entries(ctx)
	if err != nil {
		return err
	}
	e := newEngine(r, false)
	e.start(ctx, entries)
	return e.loop(ctx, source.Changes(ctx))
}

// Plan returns what Once would do: one event per entry, sorted. The only requests to CAs are
// for renewal information.
func (r *Runner) Plan(ctx context.Context, entries []Entry) ([]Event, error) {
	e := newEngine(r, true)
	e.dry = true
	last := map[Ref]Event{}
	e.report = func(event Event) {
		if event.Kind != Begun && event.Kind != NotRequested {
			last[event.Entry.Ref] = event
		}
	}
	e.start(ctx, entries)
	err := e.loop(ctx, nil)
	return slices.SortedFunc(maps.Values(last), func(a, b Event) int { return compareRefs(a.Entry.Ref, b.Entry.Ref) }), err
}

// start adds all entries and decides about them.
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

// loop runs until the context ends, or until a single pass is complete.
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

// drain waits for the workers, which end with the context, and for those that their results start.
func (e *engine) drain() {
	for e.busy+e.queries > 0 {
		(<-e.results)()
	}
	e.working.Wait()
}

func (e *engine) set(timer *time.Timer) {
	wait := time.Hour
	if len(e.timers.items) > 0 {
		wait = max(time.Until(e.timers.items[0].wake), 0)
	}
	timer.Reset(wait)
}

func (e *engine) runDue() {
	for now := time.Now(); len(e.timers.items) > 0 && !e.timers.items[0].wake.After(now); {
		it := heap.Pop(&e.timers).(*item)
		if it.due.After(now) && e.runner.Rules.Decide(it.Entry, it.info, now) == it.decision {
			e.sleep(it, it.due)
			continue
		}
		e.decide(it)
	}
}
