package acme

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// ordersFor returns the URLs of the account's orders for names, without invalid ones, which
// Pebble does not list.
func ordersFor(t *testing.T, a *Account, names ...string) []string {
	t.Helper()
	all, err := a.listOrders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := canonical(names)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, url := range all {
		o, _, err := a.look(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(o.names(), want) {
			found = append(found, url)
		}
	}
	return found
}

// onlyOrder fails unless url is the only order for the names.
func onlyOrder(t *testing.T, a *Account, url string, names ...string) {
	t.Helper()
	if diff := cmp.Diff([]string{url}, ordersFor(t, a, names...)); diff != "" {
		t.Errorf("orders for %v (-want +got):\n%s", names, diff)
	}
}

// testCancelled: cancelling an order at any point takes effect at once and removes the answers.
func testCancelled(t *testing.T, l *live) {
	stuck := make(chan struct{})
	defer close(stuck)
	wait := func(ctx context.Context, _ []issuance.Challenge) error { <-ctx.Done(); return ctx.Err() }
	for name, tt := range map[string]struct {
		prove func(context.Context, []issuance.Challenge) error
		slow  bool
		state issuance.State
	}{
		"while proving":    {prove: wait, state: issuance.Presenting},
		"while validating": {slow: true, state: issuance.Validating},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.slow {
				l.responder.slow.Store(&stuck)
				defer l.responder.slow.Store(nil)
			}
			a, p := open(t, l.config(t)), &testSolver{present: tt.prove, cleanUp: func(ctx context.Context, _ []issuance.Challenge) error {
				if ctx.Err() != nil {
					t.Error("there is no time to take back the answers")
				}
				return nil
			}}
			r := l.request(t, a, "stop.example.com")
			r.Solver = by(issuance.HTTP01, p)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var stopped time.Time
			r.Progress = func(s issuance.State) {
				if s == tt.state {
					time.AfterFunc(300*time.Millisecond, func() { stopped = time.Now(); stop() })
				}
			}
			_, err := a.Issue(ctx, r)
			if took := time.Since(stopped); err != context.Canceled || took > time.Second {
				t.Errorf("%v, %s after it was stopped", err, took)
			}
			if !cmp.Equal(p.presented, p.taken) || len(p.taken) != 1 {
				t.Errorf("presented %v, taken back %v", p.presented, p.taken)
			}
		})
	}
	t.Run("account closed", func(t *testing.T) { testClosed(t, l) })
}

// testUndecided: waiting for a CA that does not finish is limited, and the order can be
// resumed.
func testUndecided(t *testing.T, l *live) {
	stuck := make(chan struct{})
	l.responder.slow.Store(&stuck)
	defer l.responder.slow.Store(nil)
	c := l.config(t)
	c.Patience = 500 * time.Millisecond
	a := open(t, c)
	r := l.request(t, a, "undecided.example.com")
	r.Ordered = func(_ context.Context, order string) error { r.Order = order; return nil }
	_, err := a.Issue(t.Context(), r)
	if f := fails(t, err, issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: reason(err)}); !strings.HasPrefix(f.Detail, "order "+r.Order+": the CA has been validating for ") {
		t.Errorf("told as %q", f.Detail)
	}
	close(stuck)
	l.check(t, issue(t, open(t, l.sameKey(t, c)), r), "undecided.example.com")
}

// sameKey returns the account of c with default patience.
func (l *live) sameKey(t *testing.T, c Config) Config {
	patient := l.config(t)
	patient.Key = c.Key
	return patient
}

// testClosed: the end of the account's context ends an unanswered request after the grace
// period.
func testClosed(t *testing.T, l *live) {
	p := l.proxy(t)
	life, end := context.WithCancel(t.Context())
	defer end()
	a, err := Open(life, p.config(t, l))
	if err != nil {
		t.Fatal(err)
	}
	released := make(chan struct{})
	defer close(released)
	p.fault(fault{path: "/order-plz", times: 100, before: func(http.ResponseWriter, *http.Request) { <-released }})
	time.AfterFunc(300*time.Millisecond, end)
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	start := time.Now()
	if _, err := a.Issue(ctx, l.request(t, a, "closed.example.com")); err != context.Canceled || time.Since(start) > grace+5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	if _, err := a.RenewalInfo(ctx, "a.b"); err != context.Canceled {
		t.Errorf("renewal information: %v", err)
	}
}

// testResumed: a process ends in every state of an order, and another one resumes it; no second
// order is created.
func testResumed(t *testing.T, l *live) {
	for _, at := range []issuance.State{issuance.Ordered, issuance.Presenting, issuance.Validating, issuance.Finalizing, issuance.Issued} {
		t.Run(string(at), func(t *testing.T) {
			c := l.config(t)
			first, name := open(t, c), string(at)+".resume.example.com"
			r := l.request(t, first, name)
			var url string
			r.Ordered = func(_ context.Context, order string) error { url = order; return nil }
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			r.Progress = func(s issuance.State) {
				if s == at {
					stop()
				}
			}
			if _, err := first.Issue(ctx, r); at != issuance.Issued && !errors.Is(err, context.Canceled) {
				t.Fatalf("was not interrupted: %v", err)
			}
			second, p := open(t, c), &testSolver{}
			r.Order, r.Progress, r.Solver = url, nil, by(issuance.HTTP01, p)
			chain := issue(t, second, r)
			l.check(t, chain, name)
			onlyOrder(t, second, url, name)
			if len(p.taken) == 0 {
				t.Error("nothing is taken back of what the first may have left")
			}
		})
	}
}

// testDeadOrders: an order that cannot be used is dead, for any reason.
func testDeadOrders(t *testing.T, l *live) {
	a, other := open(t, l.config(t)), open(t, l.config(t))
	cleaned := 0
	dead := func(a *Account, order, name string) string {
		t.Helper()
		r, p := l.request(t, a, name), &testSolver{}
		r.Order, r.Solver = order, by(issuance.HTTP01, p)
		defer func() { cleaned = len(p.taken) }()
		_, err := a.Issue(t.Context(), r)
		var f *issuance.Failure
		if !errors.As(err, &f) || !f.Dead || f.Reason != issuance.ReasonRejected && f.Reason != issuance.ReasonValidation {
			t.Errorf("order %s: %v", order, err)
		}
		return f.Error()
	}
	chain := issue(t, a, l.request(t, a, "dead.example.com"))
	dead(a, chain.Order+"x", "dead.example.com")
	dead(a, "https://ca.example/order/1", "dead.example.com")
	dead(a, "::", "dead.example.com")
	dead(other, chain.Order, "dead.example.com")
	if got, want := dead(a, chain.Order, "else.example.com"), "rejected: order "+chain.Order+": the names differ: dead.example.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r := l.request(t, a, "invalid.example.com")
	l.responder.thumbprints.Delete("invalid.example.com")
	var url string
	r.Ordered = func(_ context.Context, order string) error { url = order; return nil }
	if _, err := a.Issue(t.Context(), r); err == nil {
		t.Fatal("issued")
	}
	if dead(a, url, "invalid.example.com"); cleaned != 1 {
		t.Error("the answers of an order that has failed meanwhile are not taken back")
	}
}
