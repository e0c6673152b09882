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

// askers is the maximum number of concurrent queries for renewal information.
const askers = 16

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

// finish processes the result of an order.
func (e *engine) finish(it *item, have SecretState, journal Journal, err error) {
	it.running, it.claimed = false, ""
	if it.Demand == nil { // no longer requested
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

// errChanged cancels an order for a request that has changed.
var errChanged = errors.New("the request has changed")

// infoPause is the delay after a failed query for renewal information.
const infoPause = 6 * time.Hour

// answerTime is the timeout of a query for renewal information; without an answer, certificates
// are renewed at their own times.
const answerTime = 15 * time.Second

func (e *engine) fetchRenewalInfo(ctx context.Context, it *item) {
	if it.Demand == nil || it.Demand.ACME() == nil {
		it.asked = false // no longer requested
		return
	}
	e.asking++
	issuer, id := it.Demand.Issuer, it.Have.RenewalID
	e.working.Go(func() {
		ctx, stop := context.WithTimeout(ctx, answerTime)
		defer stop()
		var info RenewalInfo
		err := panics.Guard(func() error {
			ca, err := e.CA(ctx, issuer)
			if err == nil {
				info, err = ca.RenewalInfo(ctx, id)
			}
			return err
		})()
		e.results <- func() {
			e.asking--
			it.asked = false
			e.answer(it, id, info, err)
		}
	})
}

// answer processes renewal information. Without any, the next query is delayed and the
// certificate is renewed at its own time.
func (e *engine) answer(it *item, id string, info RenewalInfo, err error) {
	if it.Have.RenewalID != id || it.Demand == nil {
		return
	}
	now := time.Now()
	if err != nil {
		info = RenewalInfo{}
	}
	it.info, it.nextInfo = info, notLater(info.NextCheck, now.Add(longestWait))
	if !it.nextInfo.After(now) {
		it.nextInfo = now.Add(infoPause)
	}
	if e.items[it.Ref] == it {
		e.decide(it)
	}
}
