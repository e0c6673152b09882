package issuance

import (
	"container/heap"
	"context"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// decide decides about an item and queues what follows.
func (e *engine) decide(it *item) {
	if it.running {
		return // decide is called again at its end
	}
	e.remove(it)
	if it.Demand == nil {
		it.release(false)
		e.drop(it)
		return
	}
	now := time.Now()
	if it.decision = e.runner.Rules.Decide(it.Entry, it.info, now); it.decision.Why == "" {
		it.release(false) // it was planned before
	}
	switch {
	case it.decision.Deferred != "":
		it.outcome = Deferred
		e.report(Event{Kind: Deferred, Entry: it.Entry, Decision: it.decision, At: it.decision.At})
		e.sleep(it, it.decision.At)
	case it.decision.Why == RenewalDue && e.queueQuery(it, now):
		it.outcome = UpToDate // until renewal information arrives
	case it.decision.Why != "":
		e.plan(it, now)
	default:
		it.outcome = UpToDate
		e.deleteJournal(it)
		e.report(Event{Kind: UpToDate, Entry: it.Entry, Decision: it.decision, At: it.decision.At})
		e.queueQuery(it, now)
		e.sleep(it, it.decision.At)
	}
}

// queueQuery queues a query for renewal information if one is due, and reports whether an answer is
// pending. It is called for an up-to-date certificate of the issuer's own CA.
func (e *engine) queueQuery(it *item, now time.Time) bool {
	if it.queried {
		return true
	}
	if it.Secret.RenewalID == "" || it.nextInfo.After(now) {
		return false
	}
	it.queried = true
	e.pendingQueries = append(e.pendingQueries, it)
	return true
}

// plan queues an order, unless it would exceed the CA's rate limits.
func (e *engine) plan(it *item, now time.Time) {
	d, budget := it.Demand, e.budget(it.Demand)
	same, replaces := it.same(), it.replaces()
	cost := budget.Cost(d.Names, same, replaces, now)
	if cost.Until.After(now) && !it.Journal.resumes(d) && it.claimed != d.Digest && !it.urgentBefore(cost.Until, now) {
		it.outcome = rateLimited
		it.decision.Deferred = "CA rate limit reached: " + cost.Text
		e.report(Event{Kind: Deferred, Entry: it.Entry, Decision: it.decision, At: cost.Until, Cost: cost})
		e.sleep(it, cost.Until)
		return
	}
	if it.claimed != d.Digest {
		it.release(false)
		it.claimed, it.refund = d.Digest, budget.Spend(d.Names, same, replaces, now)
	}
	it.outcome = Planned
	e.report(Event{Kind: Planned, Entry: it.Entry, Decision: it.decision, Cost: cost})
	l := e.caQueue(d.ACME().Server)
	it.queue = l
	heap.Push(&l.waiting, it)
}

// drop removes an item that is no longer requested.
func (e *engine) drop(it *item) {
	delete(e.items, it.Ref)
	e.report(Event{Kind: NotRequested, Entry: it.Entry})
	e.deleteJournal(it)
}

// deleteJournal deletes a journal that is no longer needed: the certificate is issued or not
// requested.
func (e *engine) deleteJournal(it *item) {
	if it.Journal.Version == "" || e.dry {
		return
	}
	entry := it.Entry // it may change meanwhile
	it.Journal = Journal{}
	e.busy++
	e.working.Go(func() {
		ctx, release := shutdown.Finish(e.life, time.Minute)
		defer release()
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		if e.runner.isObsolete(ctx, entry) {
			_ = e.runner.Store.DeleteJournal(ctx, entry.Ref, entry.Journal.Version) // the next start retries
		}
		e.results <- func() { e.busy-- }
	})
}

// isObsolete reports whether the journal of an entry is no longer needed. It reads the Secret,
// which may have changed since the journal was written.
func (r *Runner) isObsolete(ctx context.Context, entry Entry) bool {
	if entry.Demand == nil {
		return true
	}
	secret, exists, err := r.Store.Secret(ctx, entry.Ref)
	if err != nil || !exists {
		return false
	}
	entry.Secret, entry.Journal = Examine(secret), Journal{}
	d := r.Rules.Decide(entry, RenewalInfo{}, time.Now())
	return d.Why == "" && d.Deferred == ""
}
