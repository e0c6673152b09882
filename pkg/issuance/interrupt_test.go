package issuance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestOnceInterrupted: the summary counts completed and remaining orders.
func TestOnceInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ca.takes = time.Minute
		var demands []Demand
		for i := range 10 {
			demands = append(demands, demand(need(fmt.Sprintf("web-%d", i), fmt.Sprintf("web-%d.example.com", i))))
		}
		r := runner(ca, store)
		r.Workers = 2
		var interrupted []Ref
		r.Report = func(e Event) {
			if e.Kind == Interrupted {
				interrupted = append(interrupted, e.Entry.Ref)
			}
		}
		ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
		defer stop()
		summary, err := r.Once(ctx, store.entries(demands...))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if diff := cmp.Diff(Summary{Issued: 2, Interrupted: 2, Waiting: 6}, summary); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(interrupted) != 2 {
			t.Errorf("reported as interrupted: %v", interrupted)
		}
		ca.takes = 0
		summary, err = r.Once(t.Context(), store.entries(demands...))
		if want := (Summary{UpToDate: 2, Issued: 8}); err != nil || summary != want {
			t.Errorf("the next run: %+v, %v", summary, err)
		}
	})
}

// TestInterruptedWhenIssued: an issued certificate is stored although the context has ended.
func TestInterruptedWhenIssued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ctx, stop := context.WithCancel(t.Context())
		ca.fail = func(Request) error { stop(); return nil }
		d := demand(need("web", "web.example.com"))
		summary, err := runner(ca, store).Once(ctx, store.entries(d))
		if want := (Summary{Issued: 1}); summary != want || store.saves != 1 {
			t.Errorf("%+v, %v, saved %d times", summary, err, store.saves)
		}
	})
}

// TestCancelledElsewhere: the end of another context is a failure and is retried.
func TestCancelledElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store, start := newSigner(t, 90*day), newMemory(), time.Now()
		r, failed := runner(ca, store), 0
		r.CA = func(context.Context, Issuer) (CA, error) {
			if time.Since(start) < 5*time.Minute {
				return nil, fmt.Errorf("log in: %w", context.Canceled)
			}
			return ca, nil
		}
		r.Report = func(e Event) {
			if e.Kind == Failed {
				failed++
				if want := "account: log in: context canceled"; e.Err.Error() != want {
					t.Errorf("got %v, want %s", e.Err, want)
				}
			}
		}
		ctx, stop := context.WithTimeout(t.Context(), day)
		defer stop()
		if err := r.Loop(ctx, still(store.entries(demand(need("web", "web.example.com"))))); err != nil {
			t.Fatal(err)
		}
		if failed != 2 || store.saves != 1 {
			t.Errorf("failed %d times, saved %d times", failed, store.saves)
		}
	})
}
