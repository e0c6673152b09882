package acme

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// retry repeats f while the server is unavailable, for at most a time. maybeDone is whether an
// earlier request may have had an effect.
func (a *Account) retry(ctx context.Context, most time.Duration, f func(maybeDone bool) error) error {
	start, maybeDone := time.Now(), false
	for n := 0; ; n++ {
		err := f(maybeDone)
		t, ok := temporaryErrorOf(err)
		if !ok {
			return err
		}
		maybeDone = maybeDone || t.sent
		if _, given := a.wire.silence.givenUp(); given && isSilent(err) {
			return a.unavailable(err, t)
		}
		wait := max(backoff(n), t.retryAfter)
		if time.Since(start)+wait > most {
			return a.unavailable(err, t)
		}
		log := a.config.Log.With("server", a.config.Directory, "since", start, "until", start.Add(most), "error", err)
		log.Info("ACME server not available, retrying", "in", wait.Round(time.Millisecond))
		for end := time.Now().Add(wait); time.Now().Before(end); {
			if err := sleep(ctx, min(time.Until(end), time.Second)); err != nil {
				return err
			}
			log.Debug("waiting for the ACME server")
		}
	}
}

func isSilent(err error) bool {
	var missing *noResponse
	return errors.As(err, &missing) && missing.silent
}

func (a *Account) unavailable(err error, t temporaryError) error {
	f := &issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: err.Error(), Err: err}
	if hasType(err, rateLimited) {
		f.Reason = issuance.ReasonRateLimited
	}
	if t.retryAfter > 0 {
		f.RetryAt = time.Now().Add(t.retryAfter)
	}
	return f
}

// backoff returns the delay after the nth consecutive failure, from 0: about 0.25 s, doubling,
// at most 30 s, with jitter.
func backoff(n int) time.Duration {
	d := min(250*time.Millisecond<<min(n, 10), 30*time.Second)
	return d/2 + rand.N(d/2)
}

// sleep waits, or returns the context's error.
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
