package acme

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// trouble is what may be over when asked again.
type trouble struct {
	sent       bool // the server may have done what it was asked for
	retryAfter time.Duration
}

// troubleOf tells trouble of the server from what it means.
func troubleOf(err error) (trouble, bool) {
	var f *issuance.Failure
	var p *problem
	var s *silence
	switch {
	case errors.As(err, &f): // somebody has decided
		return trouble{}, false
	case errors.As(err, &s):
		return trouble{sent: s.sent}, !s.final
	case errors.As(err, &p):
		// 429 and 503 turn away; the others may come after the deed.
		refused := p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable
		busy := refused || p.status >= http.StatusInternalServerError || p.status == http.StatusRequestTimeout || p.kind() == badNonce
		return trouble{sent: !refused && p.kind() != badNonce, retryAfter: p.retryAfter}, busy
	}
	return trouble{}, false
}

// isLimit tells a rate limit of the account or a name, which is not waited for,
// from a server that is too busy for anybody.
func isLimit(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.status == http.StatusTooManyRequests && p.kind() == rateLimited
}

// persist repeats f while the server is in trouble, up to the patience. It
// tells f whether an earlier request may have had its effect after all.
func (a *Account) persist(ctx context.Context, patience time.Duration, f func(doubt bool) error) error {
	start, doubt := time.Now(), false
	for n := 0; ; n++ {
		err := f(doubt)
		t, ok := troubleOf(err)
		if !ok {
			return err
		}
		doubt = doubt || t.sent
		wait := max(backoff(n), t.retryAfter)
		if time.Since(start)+wait > patience {
			return a.giveUp(err, t)
		}
		a.config.Log.Info("the ACME server is in trouble; asking again", "in", wait.Round(time.Millisecond), "error", err)
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (a *Account) giveUp(err error, t trouble) error {
	f := &issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: err.Error(), Err: err}
	if hasType(err, rateLimited) {
		f.Reason = issuance.ReasonRateLimited
	}
	if t.retryAfter > 0 {
		f.RetryAt = time.Now().Add(t.retryAfter)
	}
	return f
}

// backoff is how long to wait after the nth trouble in a row, from 0: about
// 0.25 s, doubling, at most 30 s, and never the same for all who wait.
func backoff(n int) time.Duration {
	d := min(250*time.Millisecond<<min(n, 10), 30*time.Second)
	return d/2 + rand.N(d/2)
}

// ask has one request answered that may be repeated without harm.
func (a *Account) ask(ctx context.Context, at step, f func(*api.Core) error) (reply, error) {
	var r reply
	err := a.persist(ctx, a.config.Patience, func(bool) error {
		var err error
		r, err = a.do(ctx, f)
		return err
	})
	return r, a.failure(at, err)
}

// sleep returns early, with the context's error, when that ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// overdue is an order that does not come to an end.
func overdue(order, what string, since time.Duration) *issuance.Failure {
	return issuance.Failuref(issuance.ReasonUnavailable, "order %s: the CA %s for %s", order, what, since.Round(time.Second))
}
