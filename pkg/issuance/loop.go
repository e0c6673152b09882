package issuance

import (
	"cmp"
	"container/heap"
	"context"
	"maps"
	"reflect"
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

// change replaces an entry.
func (e *engine) change(entry Entry) {
	it := e.items[entry.Ref]
	if it == nil {
		it = &item{index: -1}
		e.items[entry.Ref] = it
	}
	if it.running {
		it.missed = append(it.missed, entry)
	} else {
		entry = it.current(entry)
	}
	if entry.Secret.RenewalID != it.Secret.RenewalID {
		it.info, it.nextInfo = RenewalInfo{}, time.Time{}
	}
	if it.running && (entry.Demand == nil || entry.Demand.Digest != it.Demand.Digest || !reflect.DeepEqual(entry.Demand.Issuer, it.Demand.Issuer)) {
		it.stop(errChanged)
	}
	if mine := it.Journal; mine.Failed.After(entry.Journal.Failed) {
		// A failure of this process may not be stored, or not be read back yet.
		mine.Version = cmp.Or(entry.Journal.Version, mine.Version)
		entry.Journal = mine
	}
	it.Entry = entry
	e.decide(it)
}

// catchUp handles the entries that came during an order.
func (e *engine) catchUp(it *item, missed []Entry) {
	for _, entry := range missed {
		if it.Demand == nil || e.items[it.Ref] != it {
			return
		}
		entry = it.current(entry)
		if entry.Secret.Version == it.Secret.Version && entry.Journal.Version == it.Journal.Version {
			continue // only the request has changed, which is known
		}
		entry.Demand = it.Demand
		e.change(entry)
	}
	// From now on a missing object may be a deleted one.
	missing := func(version string) bool { return version == "" }
	it.oldSecrets, it.oldJournals = slices.DeleteFunc(it.oldSecrets, missing), slices.DeleteFunc(it.oldJournals, missing)
}

// current replaces states of the Secret and the journal that the last order has read or replaced.
// Events of one object come in order, so that none of them follows the current one.
func (it *item) current(entry Entry) Entry {
	switch {
	case entry.Secret.Version == it.Secret.Version:
		it.oldSecrets = nil
	case slices.Contains(it.oldSecrets, entry.Secret.Version):
		entry.Secret = it.Secret
	}
	switch {
	case entry.Journal.Version == it.Journal.Version:
		it.oldJournals = nil
	case slices.Contains(it.oldJournals, entry.Journal.Version):
		entry.Journal = it.Journal
	}
	return entry
}
