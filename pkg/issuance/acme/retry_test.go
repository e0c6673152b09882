package acme

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func TestRetry(t *testing.T) {
	gone := &noResponse{text: "connection refused"}
	reset := &noResponse{text: "connection reset", sent: true}
	a := &Account{wire: &wire{}, config: Config{Log: slog.New(slog.DiscardHandler)}}
	busy := &problem{status: 503, retryAfter: 40 * time.Second}
	for name, tt := range map[string]struct {
		errs   []error // of consecutive attempts; the last is repeated
		end    time.Duration
		tries  int
		doubt  bool
		reason issuance.FailureReason
		atMost time.Duration
		least  time.Duration
	}{
		"at once":              {errs: []error{nil}, tries: 1},
		"second time":          {errs: []error{gone, nil}, tries: 2, least: 125 * time.Millisecond, atMost: 250 * time.Millisecond},
		"doubt":                {errs: []error{gone, reset, gone, nil}, tries: 4, doubt: true, least: 850 * time.Millisecond, atMost: 2 * time.Second},
		"retry-after":          {errs: []error{busy, busy, nil}, tries: 3, least: 80 * time.Second, atMost: 80 * time.Second},
		"not trouble":          {errs: []error{&problem{status: 403}}, tries: 1},
		"final":                {errs: []error{&noResponse{text: "untrusted", final: true}}, tries: 1},
		"decided":              {errs: []error{&issuance.Failure{Reason: issuance.ReasonRateLimited, Err: &problem{status: 429}}}, tries: 1, reason: issuance.ReasonRateLimited},
		"for ever":             {errs: []error{gone}, tries: 25, reason: issuance.ReasonUnavailable, least: 9 * time.Minute, atMost: 10 * time.Minute},
		"asked to wait longer": {errs: []error{&problem{status: 503, retryAfter: time.Hour}}, tries: 1, reason: issuance.ReasonUnavailable},
		"limited for longer":   {errs: []error{&problem{status: 429, Type: errorNamespace + rateLimited, retryAfter: time.Hour}}, tries: 1, reason: issuance.ReasonRateLimited},
		"end of the context":   {errs: []error{gone}, end: time.Second, tries: 3, least: time.Second, atMost: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, start, tries, doubted := t.Context(), time.Now(), 0, false
				if tt.end > 0 {
					var stop func()
					ctx, stop = context.WithTimeout(ctx, tt.end)
					defer stop()
				}
				err := a.retry(ctx, 10*time.Minute, func(doubt bool) error {
					tries++
					doubted = doubt
					return tt.errs[min(tries, len(tt.errs))-1]
				})
				took := time.Since(start)
				if off := tries - tt.tries; off < 0 || off > tt.tries/2 || doubted != tt.doubt || took < tt.least || took > tt.atMost {
					t.Errorf("%d tries in %s, doubt %v; want %d from %s to %s, doubt %v", tries, took, doubted, tt.tries, tt.least, tt.atMost, tt.doubt)
				}
				var f *issuance.Failure
				if errors.As(err, &f); f != nil && f.Reason != tt.reason || f == nil && tt.reason != "" {
					t.Errorf("fails as %v, want reason %q", err, tt.reason)
				}
				if tt.end > 0 && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("fails as %v, want the context's end", err)
				}
				if f != nil && tt.errs[0] != gone && f != tt.errs[0] && time.Until(f.RetryAt) != time.Hour {
					t.Errorf("retry at %s, want in an hour", f.RetryAt)
				}
			})
		})
	}
}

func TestBackoff(t *testing.T) {
	for n, most := range []time.Duration{250, 500, 1000, 2000} {
		for range 100 {
			if d := backoff(n); d < most*time.Millisecond/2 || d > most*time.Millisecond {
				t.Fatalf("backoff(%d) is %s", n, d)
			}
		}
	}
	if d := backoff(1 << 40); d < 15*time.Second || d > 30*time.Second {
		t.Errorf("after very long it is %s", d)
	}
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for value, want := range map[string]time.Duration{
			"":                     0,
			"0":                    0,
			"120":                  2 * time.Minute,
			" 120 ":                2 * time.Minute,
			"86400":                24 * time.Hour,
			"86401":                24 * time.Hour,
			"220752000":            24 * time.Hour,
			"9223372037":           24 * time.Hour, // overflows time.Duration
			"18446744073709551616": 24 * time.Hour, // overflows uint64
			"-5":                   0,
			"1e9":                  0,
			"soon":                 0,
			time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):   time.Hour,
			time.Now().AddDate(7, 0, 0).UTC().Format(http.TimeFormat): 24 * time.Hour,
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat):  0,
		} {
			r := reply{header: http.Header{"Retry-After": {value}}}
			if got := r.retryAfter(); got != want {
				t.Errorf("%q: %s, want %s", value, got, want)
			}
			if got := newProblem(r).retryAfter; got != want {
				t.Errorf("%q in a problem: %s, want %s", value, got, want)
			}
		}
	})
}
