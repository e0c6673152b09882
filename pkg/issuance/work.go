package issuance

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// work starts pending queries and orders. A single pass places no orders before everything is
// decided.
func (e *engine) work(ctx context.Context) {
	for e.queries < maxQueries && len(e.pendingQueries) > 0 && ctx.Err() == nil {
		it := e.pendingQueries[0]
		e.pendingQueries = e.pendingQueries[1:]
		e.fetchRenewalInfo(ctx, it)
	}
	if e.once && e.queries > 0 || ctx.Err() != nil {
		return
	}
	if !e.begun {
		e.begun = true
		e.report(Event{Kind: Begun})
	}
	for _, l := range e.caQueues {
		for !e.dry && l.running < l.gate.Limit() && len(l.waiting.items) > 0 {
			e.order(ctx, l, heap.Pop(&l.waiting).(*item))
		}
	}
}

// maxQueries is the maximum number of concurrent queries for renewal information.
const maxQueries = 16

func (e *engine) order(ctx context.Context, l *caQueue, it *item) {
	it.running, it.queue, it.since = true, nil, time.Now()
	l.running++
	e.busy++
	j := job{entry: it.Entry, decision: it.decision, info: it.info}
	j.progress = func(s State) {
		e.results <- func() { e.report(Event{Kind: Advanced, Entry: j.entry, Decision: j.decision, State: s}) }
	}
	j.report = func(text string) {
		e.results <- func() { e.report(Event{Kind: Noted, Entry: j.entry, Decision: j.decision, Note: text}) }
	}
	ctx, it.stop = context.WithCancelCause(ctx)
	stop := it.stop
	e.working.Go(func() {
		defer stop(nil)
		r := result{secret: j.entry.Secret, journal: j.entry.Journal}
		err := panics.Guard(func() (err error) {
			r, err = e.runner.fulfil(ctx, j)
			return err
		})()
		e.results <- func() {
			l.running--
			e.busy--
			e.finish(it, r, err)
		}
	})
}

// finish processes the result of an order.
func (e *engine) finish(it *item, r result, err error) {
	it.running = false
	it.release(r.placed || err == nil)
	missed := it.missed
	defer e.catchUp(it, missed)
	if it.Demand != nil && r.secret.RenewalID != it.Secret.RenewalID {
		it.info, it.nextInfo = RenewalInfo{}, time.Time{}
	}
	it.Secret, it.Journal, it.missed = r.secret, r.journal, nil
	it.oldSecrets, it.oldJournals = r.secrets, r.journals
	if it.Demand == nil || errors.Is(err, errSettled) || errors.Is(err, errChanged) {
		e.decide(it)
		return
	}
	event := Event{Kind: Done, Entry: it.Entry, Decision: it.decision, Took: time.Since(it.since), Err: err}
	switch f := (*Failure)(nil); {
	case err == nil:
		event.At, _ = Due(it.Demand, r.secret, RenewalInfo{}, e.runner.Rules.RenewBefore)
	case errors.As(err, &f):
		event.Kind, event.At = Failed, r.journal.Next(it.Demand.Digest, r.secret, time.Now()).Until
	default:
		it.outcome = Interrupted
		e.report(Event{Kind: Interrupted, Entry: it.Entry, Decision: it.decision})
		return // the next run resumes it
	}
	it.outcome = event.Kind
	e.report(event)
	if e.once {
		return
	}
	e.decide(it)
}

// queryPause is the delay after a failed query for renewal information.
const queryPause = 6 * time.Hour

// queryTimeout is the timeout of a query for renewal information; without an answer, certificates
// are renewed at their own times.
const queryTimeout = 15 * time.Second

func (e *engine) fetchRenewalInfo(ctx context.Context, it *item) {
	if it.Demand == nil || it.Demand.ACME() == nil {
		it.queried = false // no longer requested
		return
	}
	e.queries++
	issuer, id := it.Demand.Issuer, it.Secret.RenewalID
	e.working.Go(func() {
		ctx, stop := context.WithTimeout(ctx, queryTimeout)
		defer stop()
		var info RenewalInfo
		err := panics.Guard(func() error {
			ca, err := e.runner.CA(ctx, issuer)
			if err == nil {
				info, err = ca.RenewalInfo(ctx, id)
			}
			return err
		})()
		e.results <- func() {
			e.queries--
			it.queried = false
			e.finishQuery(it, id, info, err)
		}
	})
}

// finishQuery processes renewal information. Without any, the next query is delayed and the
// certificate is renewed at its own time.
func (e *engine) finishQuery(it *item, id string, info RenewalInfo, err error) {
	if it.Secret.RenewalID != id || it.Demand == nil {
		return
	}
	now := time.Now()
	if err != nil {
		info = RenewalInfo{}
	}
	it.info, it.nextInfo = info, notLater(info.NextCheck, now.Add(longestWait))
	if !it.nextInfo.After(now) {
		it.nextInfo = now.Add(queryPause)
	}
	if e.items[it.Ref] == it {
		e.decide(it)
	}
}
