package issuance

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// questions counts the queries for renewal information.
type questions struct {
	lock      sync.Mutex
	ids       []string
	now, most int // at the same time
}

// answer returns a CA's answer after some time.
func (q *questions) answer(takes time.Duration, info func() (RenewalInfo, error)) func(string) (RenewalInfo, error) {
	return func(id string) (RenewalInfo, error) {
		q.lock.Lock()
		q.ids = append(q.ids, id)
		q.now++
		q.most = max(q.most, q.now)
		q.lock.Unlock()
		time.Sleep(takes)
		q.lock.Lock()
		q.now--
		q.lock.Unlock()
		return info()
	}
}

// later is an answer with a renewal in 10 days.
func later() (RenewalInfo, error) {
	return RenewalInfo{Start: time.Now().Add(10 * day), End: time.Now().Add(11 * day), NextCheck: time.Now().Add(6 * time.Hour)}, nil
}

// certified issues certificates for some demands.
func certified(t *testing.T, ca *signer, store *memory, demands ...Demand) {
	t.Helper()
	if s, err := runner(ca, store).Once(t.Context(), store.entries(demands...)); err != nil || s.Issued != len(demands) {
		t.Fatalf("%+v, %v", s, err)
	}
	ca.orders, ca.issuedAt = nil, nil
}

// TestLoopAwaitsTheCA: a certificate that seems due is not ordered before the CA's renewal
// information arrives, whatever happens to the Secret; there is one query.
func TestLoopAwaitsTheCA(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store, d := newSigner(t, 90*day), newMemory(), demand(need("web", "web.example.com"))
		certified(t, ca, store, d)
		time.Sleep(65 * day)
		var q questions
		ca.info = q.answer(10*time.Second, later)
		m := moving{store.entries(d), make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
		defer stop()
		done := make(chan error)
		go func() { done <- runner(ca, store).Loop(ctx, m) }()
		for range 2 {
			time.Sleep(time.Second)
			m.changes <- store.entries(d)[0]
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(ca.orders) != 0 || len(q.ids) != 1 {
			t.Errorf("%d orders, %d questions", len(ca.orders), len(q.ids))
		}
	})
}

// TestOnceAwaitsTheCA: a single pass orders nothing before all answers arrive.
func TestOnceAwaitsTheCA(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store, start := newSigner(t, 90*day), newMemory(), time.Now()
		there, missing := demand(need("there", "there.example.com")), demand(need("missing", "missing.example.com"))
		certified(t, ca, store, there)
		var q questions
		ca.info = q.answer(10*time.Second, later)
		r := runner(ca, store)
		var begun time.Duration
		r.Report = func(e Event) {
			if e.Kind == Begun {
				begun = time.Since(start)
			}
		}
		summary, err := r.Once(t.Context(), store.entries(missing, there))
		if diff := cmp.Diff(Summary{Issued: 1, UpToDate: 1}, summary); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		if got := ca.issuedAt[0].Sub(start); got != 10*time.Second || begun != got {
			t.Errorf("issued after %s, begun after %s", got, begun)
		}
	})
}

// TestRenewalInfoOnlyFromOwnCA: a CA is queried about its own certificates that have an identifier, no matter
// which client ordered them, and about no others.
func TestRenewalInfoOnlyFromOwnCA(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Entry)
		after  time.Duration
		want   int
	}{
		"ours":                      {func(*Entry) {}, 0, 1},
		"of cert-manager":           {func(e *Entry) { e.Secret.Note = Note{} }, 0, 1},
		"without an identifier":     {func(e *Entry) { e.Secret.RenewalID = "" }, 0, 0},
		"due":                       {func(*Entry) {}, 65 * day, 1},
		"due without an identifier": {func(e *Entry) { e.Secret.RenewalID = "" }, 65 * day, 0},
		"expired":                   {func(*Entry) {}, 91 * day, 0},
		"of another CA":             {func(e *Entry) { e.Secret.Note.Server = "https://other.example" }, 0, 0},
		"for other names":           {func(e *Entry) { e.Secret.Names = []string{"other.example.com"} }, 0, 0},
		"wished for":                {func(e *Entry) { e.Secret.RequestedAt = time.Now() }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store, d := newSigner(t, 90*day), newMemory(), demand(need("web", "web.example.com"))
				certified(t, ca, store, d)
				time.Sleep(tt.after)
				var q questions
				ca.info = q.answer(0, later)
				entries := store.entries(d)
				tt.change(&entries[0])
				if _, err := runner(ca, store).Plan(t.Context(), entries); err != nil {
					t.Fatal(err)
				}
				if len(q.ids) != tt.want {
					t.Errorf("asked %d times, want %d", len(q.ids), tt.want)
				}
			})
		})
	}
}

// TestConcurrentRenewalInfo: the number of concurrent queries is limited.
func TestConcurrentRenewalInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		var demands []Demand
		for i := range 40 {
			demands = append(demands, demand(need(fmt.Sprintf("web-%02d", i), fmt.Sprintf("web-%02d.example.com", i))))
		}
		certified(t, ca, store, demands...)
		var q questions
		ca.info = q.answer(time.Second, later)
		start := time.Now()
		if _, err := runner(ca, store).Plan(t.Context(), store.entries(demands...)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); len(q.ids) != 40 || q.most != 16 || took != 3*time.Second {
			t.Errorf("%d questions, %d at once, in %s", len(q.ids), q.most, took)
		}
	})
}

// TestRenewalInfoWaitsForIssuer: a waiting query is not sent while its issuer is missing, and
// is sent when the issuer is back.
func TestRenewalInfoWaitsForIssuer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		var demands []Demand
		for i := range maxQueries + 2 {
			demands = append(demands, demand(need(fmt.Sprintf("web-%02d", i), fmt.Sprintf("web-%02d.example.com", i))))
		}
		certified(t, ca, store, demands...)
		time.Sleep(65 * day)
		var q questions
		ca.info = q.answer(10*time.Second, later)
		m := moving{store.entries(demands...), make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
		defer stop()
		done := make(chan error)
		go func() { done <- runner(ca, store).Loop(ctx, m) }()
		back, gone := m.first[maxQueries], m.first[maxQueries+1]
		time.Sleep(time.Second)
		lost := back
		lost.Demand = new(*back.Demand)
		lost.Demand.Issuer.Spec.ACME, lost.Demand.Problem = nil, "ClusterIssuer le is not there"
		m.changes <- lost
		gone.Demand = nil
		m.changes <- gone
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if len(q.ids) != maxQueries {
			t.Errorf("%d questions while it is lost, want %d", len(q.ids), maxQueries)
		}
		m.changes <- back
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(q.ids) != maxQueries+1 || q.ids[maxQueries] != back.Secret.RenewalID {
			t.Errorf("%d questions, the last about %s", len(q.ids), q.ids[len(q.ids)-1])
		}
		if len(ca.orders) != 0 {
			t.Errorf("%d orders", len(ca.orders))
		}
	})
}

// TestRenewalInfoAppliesToItsCertificate: renewal information applies to its certificate, not to the
// replacement.
func TestRenewalInfoAppliesToItsCertificate(t *testing.T) {
	for name, after := range map[string]time.Duration{"while the CA is asked": time.Second, "after its answer": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store, d := newSigner(t, 90*day), newMemory(), demand(need("web", "web.example.com"))
				certified(t, ca, store, d)
				first := store.entries(d)
				other := newMemory()
				certified(t, ca, other, d)
				start := time.Now()
				var q questions
				ca.info = q.answer(10*time.Second, func() (RenewalInfo, error) {
					return RenewalInfo{Start: start.Add(2 * time.Hour), End: start.Add(2*time.Hour + time.Second), NextCheck: start.Add(day)}, nil
				})
				m := moving{first, make(chan Entry)}
				ctx, stop := context.WithTimeout(t.Context(), 5*time.Hour)
				defer stop()
				done := make(chan error)
				go func() { done <- runner(ca, store).Loop(ctx, m) }()
				time.Sleep(after)
				synctest.Wait()
				ca.info = q.answer(0, func() (RenewalInfo, error) { return RenewalInfo{}, ErrNoRenewalInfo })
				m.changes <- other.entries(d)[0]
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if len(ca.orders) != 0 {
					t.Errorf("%d orders", len(ca.orders))
				}
			})
		})
	}
}

// TestRenewalInfoInterval: renewal information is queried again when the CA says, at least once a day,
// and after some hours if it says nothing.
func TestRenewalInfoInterval(t *testing.T) {
	for name, tt := range map[string]struct {
		next time.Duration // of the answer, 0 for none
		err  error
		want []time.Duration
	}{
		"when the CA says":       {next: 8 * time.Hour, want: []time.Duration{0, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour}},
		"daily at least":         {next: 7 * day, want: []time.Duration{0, 24 * time.Hour}},
		"it says nothing":        {want: []time.Duration{0, 6 * time.Hour, 12 * time.Hour, 18 * time.Hour, 24 * time.Hour}},
		"it has no information":  {err: ErrNoRenewalInfo, want: []time.Duration{0, 6 * time.Hour, 12 * time.Hour, 18 * time.Hour, 24 * time.Hour}},
		"the past":               {next: -time.Hour, want: []time.Duration{0, 6 * time.Hour, 12 * time.Hour, 18 * time.Hour, 24 * time.Hour}},
		"when the CA says, fail": {next: time.Hour, err: ErrNoRenewalInfo, want: []time.Duration{0, 6 * time.Hour, 12 * time.Hour, 18 * time.Hour, 24 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store, d := newSigner(t, 90*day), newMemory(), demand(need("web", "web.example.com"))
				certified(t, ca, store, d)
				var asked []time.Duration
				start := time.Now()
				ca.info = func(string) (RenewalInfo, error) {
					asked = append(asked, time.Since(start))
					info := RenewalInfo{Start: start.Add(20 * day), End: start.Add(21 * day)}
					if tt.next != 0 {
						info.NextCheck = time.Now().Add(tt.next)
					}
					return info, tt.err
				}
				ctx, stop := context.WithTimeout(t.Context(), day+time.Hour)
				defer stop()
				if err := runner(ca, store).Loop(ctx, still(store.entries(d))); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, asked); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
