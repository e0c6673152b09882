package issuance

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

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
	ref, version := it.Ref, it.Journal.Version // it changes meanwhile
	it.Journal = Journal{}
	e.busy++
	e.working.Go(func() {
		ctx, release := shutdown.Finish(e.life, time.Minute)
		defer release()
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		_ = e.Store.Forget(ctx, ref, version) // the next start finds it again
		e.results <- func() { e.busy-- }
	})
}

// plan queues an order, unless the CA's limits are used up.
func (e *engine) plan(it *item, now time.Time) {
	d, budget := it.Demand, e.budget(it.Demand)
	same, replaces := it.same(), it.replaces()
	cost := budget.Cost(d.Names, same, replaces, now)
	if cost.Until.After(now) && !it.Journal.resumes(d) && it.claimed != d.Digest && !it.urgentBefore(cost.Until, now) {
		it.outcome = Held
		it.decision.Held = "the CA's rate limit is used up: " + cost.Text
		e.note(Event{Kind: Held, Entry: it.Entry, Decision: it.decision, At: cost.Until, Cost: cost})
		e.sleep(it, cost.Until)
		return
	}
	if it.claimed != d.Digest {
		it.claimed = d.Digest
		budget.Spend(d.Names, same, replaces, now)
	}
	it.outcome = Planned
	e.note(Event{Kind: Planned, Entry: it.Entry, Decision: it.decision, Cost: cost})
	l := e.lane(d.ACME().Server)
	it.lane = l
	heap.Push(&l.waiting, it)
}

// urgentBefore reports whether a wait would take more than a third of the time
// that the certificate has left. Then the CA decides whether its limit is used
// up, not our count.
func (it *item) urgentBefore(until, now time.Time) bool {
	left := it.Have.left(now)
	return left > 0 && until.Sub(now) > left/3
}

// same reports whether the names were certified before.
func (it *item) same() bool {
	return it.Have.Exists && !it.Have.Temporary && slices.Equal(it.Have.Names, it.Demand.Names)
}

// replaces reports whether the order will say which certificate it renews, and
// the CA will know it: it gave renewal information about it.
func (it *item) replaces() bool { return it.decision.Replaces != "" && !it.info.Start.IsZero() }

func (e *engine) lane(server string) *caQueue {
	if e.lanes[server] == nil {
		e.lanes[server] = &caQueue{gate: e.gates.at(server, max(e.Workers, 1)), waiting: queue{less: urgent}}
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
