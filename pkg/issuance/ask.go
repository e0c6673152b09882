package issuance

import (
	"context"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// infoPause is how long after a failed question the next one waits.
const infoPause = 6 * time.Hour

// answerTime is how long a CA has for an answer; without one, certificates are
// renewed by their own times.
const answerTime = 15 * time.Second

// ask queues a question for renewal information, if it is time for one; it
// reports whether an answer is awaited. The decision is that the certificate is
// the one that is wanted, from the issuer's own CA.
func (e *engine) ask(it *item, now time.Time) bool {
	if it.asked {
		return true
	}
	if it.Have.RenewalID == "" || it.nextInfo.After(now) {
		return false
	}
	it.asked = true
	e.questions = append(e.questions, it)
	return true
}

func (e *engine) fetchRenewalInfo(ctx context.Context, it *item) {
	if it.Demand == nil || it.Demand.ACME() == nil {
		it.asked = false // nobody asks for it any more
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

// answer takes in renewal information. Where there is none, the next question
// is put later, and the certificate is renewed by its own times.
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
