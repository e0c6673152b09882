package issuance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// TestCostOfPlanned: the expected cost of an order.
func TestCostOfPlanned(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	limits := ratelimit.Limits{Domain: ratelimit.Limit{Most: 50, Period: 7 * day}, Set: ratelimit.Limit{Most: 5, Period: 7 * day}, Orders: ratelimit.Limit{Most: 300, Period: 3 * time.Hour}}
	const domain, same, free = "1 of 50 this week (example.com)", "2 of 5 this week (same names)", "free (renewal)"
	for name, tt := range map[string]struct {
		change func(*Entry)
		after  time.Duration // of the certificate
		ari    bool
		limits ratelimit.Limits
		want   string
	}{
		"missing":                        {func(e *Entry) { e.Secret = SecretState{} }, 0, false, limits, domain},
		"requested":                      {func(e *Entry) { e.Secret.RequestedAt = time.Now() }, 0, false, limits, same},
		"due":                            {func(*Entry) {}, 65 * day, false, limits, "1 of 5 this week (same names)"},
		"due, with renewal information":  {func(*Entry) {}, 65 * day, true, limits, free},
		"damaged":                        {func(e *Entry) { e.Secret.Damage = Mismatch }, 0, false, limits, same},
		"a stand-in":                     {func(e *Entry) { e.Secret.Temporary = true }, 0, false, limits, domain},
		"other names":                    {func(e *Entry) { e.Secret.Names = []string{"a.example.org"} }, 0, false, limits, "2 of 300 in 3h (orders)"},
		"due, of a CA that has no limit": {func(*Entry) {}, 65 * day, true, ratelimit.Limits{}, "no known limit"},
		"orders are scarcest":            {func(e *Entry) { e.Secret = SecretState{} }, 0, false, ratelimit.Limits{Domain: ratelimit.Limit{Most: 50, Period: 7 * day}, Orders: ratelimit.Limit{Most: 2, Period: 3 * time.Hour}}, domain},
		"orders alone":                   {func(e *Entry) { e.Secret = SecretState{} }, 0, false, ratelimit.Limits{Orders: ratelimit.Limit{Most: 300, Period: 3 * time.Hour}}, "1 of 300 in 3h (orders)"},
		"names that nothing limits":      {func(e *Entry) { e.Secret.RequestedAt = time.Now() }, 0, false, ratelimit.Limits{Orders: ratelimit.Limit{Most: 300, Period: 3 * time.Hour}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store := newSigner(t, 90*day), newMemory()
				certified(t, ca, store, d)
				time.Sleep(tt.after)
				if tt.ari {
					ca.info = func(string) (RenewalInfo, error) {
						return RenewalInfo{Start: time.Now().Add(-2), End: time.Now().Add(-1)}, nil
					}
				}
				entries := store.entries(d)
				tt.change(&entries[0])
				r := runner(ca, store)
				r.Limits = func(string) ratelimit.Limits { return tt.limits }
				events, err := r.Plan(t.Context(), entries)
				if err != nil || len(events) != 1 || events[0].Kind != Planned {
					t.Fatal(events, err)
				}
				if diff := cmp.Diff(tt.want, events[0].Cost.Text); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestRecentCertificatesCount: only recent certificates of this CA count against its limits.
func TestRecentCertificatesCount(t *testing.T) {
	there, wanted := demand(need("a", "a.example.com")), demand(need("b", "b.example.com"))
	for name, tt := range map[string]struct {
		change func(*Entry)
		after  time.Duration
		want   Kind
	}{
		"issued now":              {func(*Entry) {}, 0, Deferred},
		"of cert-manager":         {func(e *Entry) { e.Secret.Note = Note{} }, 0, Deferred},
		"a week ago":              {func(*Entry) {}, 7 * day, Planned},
		"almost a week ago":       {func(*Entry) {}, 7*day - time.Hour - time.Minute, Deferred},
		"by a clock that is fast": {func(e *Entry) { e.Secret.NotBefore = e.Secret.NotBefore.Add(time.Hour + day) }, 0, Deferred},
		"by another CA":           {func(e *Entry) { e.Secret.Note.Server = "https://other.example" }, 0, Planned},
		"a stand-in":              {func(e *Entry) { e.Secret.Temporary = true }, 0, Planned},
		"not a certificate":       {func(e *Entry) { e.Secret = SecretState{Exists: true, Damage: Unreadable, Names: e.Secret.Names} }, 0, Planned},
		"nothing":                 {func(e *Entry) { e.Secret.Exists = false }, 0, Planned},
		"not requested":           {func(e *Entry) { e.Demand = nil }, 0, Planned},
		"for a request without an issuer": {func(e *Entry) {
			e.Demand = new(*e.Demand)
			e.Demand.Problem, e.Demand.Issuer.Spec.ACME = "no issuer", nil
		}, 0, Planned},
		"of another domain": {func(e *Entry) { e.Secret.Names = []string{"example.org"} }, 0, Planned},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store := newSigner(t, 90*day), newMemory()
				certified(t, ca, store, there)
				time.Sleep(tt.after)
				entries := store.entries(there)
				tt.change(&entries[0])
				entries = append(entries[:1:1], store.entries(wanted)...)
				r := runner(ca, store)
				r.Limits = func(string) ratelimit.Limits {
					return ratelimit.Limits{Domain: ratelimit.Limit{Most: 1, Period: 7 * day}}
				}
				r.Rules.Refusal = func(d *Demand) string {
					if d.Ref == there.Ref {
						return "not now"
					}
					return ""
				}
				events, err := r.Plan(t.Context(), entries)
				if err != nil {
					t.Fatal(err)
				}
				last := events[len(events)-1]
				if last.Entry.Ref != wanted.Ref || last.Kind != tt.want {
					t.Errorf("%s is %s (%s), want %s", last.Entry.Ref, last.Kind, last.Decision.Deferred, tt.want)
				}
			})
		})
	}
}

// TestOrdersOfARunCountOnce: each order of a run counts once for later ones, even if it is decided again
// while it waits.
func TestOrdersOfARunCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ca.takes = time.Hour
		r := runner(ca, store)
		r.Workers = 1
		r.Limits = func(string) ratelimit.Limits {
			return ratelimit.Limits{Domain: ratelimit.Limit{Most: 2, Period: 7 * day}}
		}
		var held []string
		r.Report = func(e Event) {
			if e.Kind == Deferred {
				held = append(held, e.Entry.Ref.Name+" "+e.Decision.Deferred)
			}
		}
		var demands []Demand
		for i := range 3 {
			demands = append(demands, demand(need(fmt.Sprintf("web-%d", i), fmt.Sprintf("web-%d.example.com", i))))
		}
		m := moving{store.entries(demands...), make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Hour)
		defer stop()
		done := make(chan error)
		go func() { done <- r.Loop(ctx, m) }()
		time.Sleep(time.Minute)
		m.changes <- m.first[1]
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"web-2 CA rate limit reached: 3 of 2 this week (example.com)"}, slices.Compact(held)); diff != "" {
			t.Errorf("held (-want +got):\n%s", diff)
		}
		if len(ca.issuedAt) != 2 {
			t.Errorf("%d issued, want 2", len(ca.issuedAt))
		}
	})
}

// TestRateLimitedCount: a certificate that only waits for a limit is counted apart from those that
// something else prevents.
func TestRateLimitedCount(t *testing.T) {
	store := newMemory()
	r := runner(newSigner(t, 90*day), store)
	r.Limits = func(string) ratelimit.Limits {
		return ratelimit.Limits{Domain: ratelimit.Limit{Most: 1, Period: 7 * day}}
	}
	bad := demand(need("bad", "bad.example.org"))
	bad.Problem = "no such issuer"
	summary, err := r.Once(t.Context(), store.entries(demand(need("a", "a.example.com")), demand(need("b", "b.example.com")), bad))
	if diff := cmp.Diff(Summary{Issued: 1, RateLimited: 1, Deferred: 1}, summary); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestDeferredByRateLimits: an order that exceeds a limit is deferred, unless that takes a third of the
// remaining time or its order is in progress.
func TestDeferredByRateLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		lifetime time.Duration // of the certificate that is there
		change   func(*Entry)
		want     Kind
	}{
		"missing":                  {24*day - 2*time.Hour, func(e *Entry) { e.Secret = SecretState{} }, Deferred},
		"a third would pass":       {24*day - 2*time.Hour, func(*Entry) {}, Deferred},
		"more than a third":        {24*day - 2*time.Hour - 3*time.Second, func(*Entry) {}, Planned},
		"an order that is resumed": {24*day - 2*time.Hour, func(e *Entry) { e.Journal = Journal{Demand: e.Demand.Digest, Order: "o", Key: []byte("k")} }, Planned},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := demand(need("web", "web.example.com"))
				ca, store := newSigner(t, tt.lifetime), newMemory()
				certified(t, ca, store, d)
				entries := store.entries(d)
				entries[0].Secret.RequestedAt = time.Now()
				spent := entries[0]
				spent.Ref.Name, spent.Demand = "other", new(*spent.Demand)
				spent.Demand.Ref.Name = "other"
				spent.Secret.RequestedAt = time.Time{}
				tt.change(&entries[0])
				r := runner(ca, store)
				r.Limits = func(string) ratelimit.Limits { return ratelimit.Limits{Set: ratelimit.Limit{Most: 1, Period: 8 * day}} }
				events, err := r.Plan(t.Context(), append(entries, spent))
				if err != nil || len(events) != 2 {
					t.Fatal(events, err)
				}
				got := events[1]
				if got.Kind != tt.want {
					t.Errorf("it is %s (%s), want %s", got.Kind, got.Decision.Deferred, tt.want)
				}
				if until := time.Now().Add(8*day - time.Hour); tt.want == Deferred && !got.At.Equal(until) {
					t.Errorf("until %s, want %s", got.At, until)
				}
			})
		})
	}
}

// TestOrderOfOrders: missing certificates come first, then by expiry, then by name.
func TestOrderOfOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		soon, late := demand(need("d-soon", "soon.example.com")), demand(need("a-late", "late.example.com"))
		certified(t, ca, store, soon)
		time.Sleep(day)
		certified(t, ca, store, late)
		time.Sleep(66 * day)
		r := runner(ca, store)
		r.Workers = 1
		entries := store.entries(late, demand(need("z-missing", "z.example.com")), soon, demand(need("y-missing", "y.example.com")))
		if _, err := r.Once(t.Context(), entries); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range ca.orders {
			got = append(got, o.Names[0])
		}
		if diff := cmp.Diff([]string{"y.example.com", "z.example.com", "soon.example.com", "late.example.com"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if ca.most != 1 {
			t.Errorf("%d at once", ca.most)
		}
	})
}

// TestChangesWhileOrdered: an order is cancelled only when it is no longer requested or its
// request changes.
func TestChangesWhileOrdered(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	for name, tt := range map[string]struct {
		change func(*Entry)
		orders int
		issued int
		kinds  map[Kind]int
	}{
		"touched":       {func(*Entry) {}, 1, 1, map[Kind]int{Planned: 1, Done: 1, UpToDate: 2}},
		"by another":    {func(e *Entry) { e.Demand.By.Name = "other" }, 1, 1, map[Kind]int{Planned: 1, Done: 1, UpToDate: 2}},
		"not requested": {func(e *Entry) { e.Demand = nil }, 1, 0, map[Kind]int{Planned: 1, NotRequested: 1}},
		"other names":   {func(e *Entry) { e.Demand.Names, e.Demand.Digest = []string{"other.example.com"}, "other" }, 2, 1, map[Kind]int{Planned: 2, Done: 1, UpToDate: 2}},
		"another email": {func(e *Entry) { e.Demand.Issuer.Spec.ACME.Email = "me@example.com" }, 2, 1, map[Kind]int{Planned: 2, Done: 1, UpToDate: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store := newSigner(t, 90*day), newMemory()
				ca.takes = time.Hour
				r, kinds := runner(ca, store), map[Kind]int{}
				r.Report = func(e Event) {
					if e.Kind != Begun {
						kinds[e.Kind]++
					}
				}
				m := moving{store.entries(d), make(chan Entry)}
				ctx, stop := context.WithTimeout(t.Context(), 3*time.Hour)
				defer stop()
				done := make(chan error)
				go func() { done <- r.Loop(ctx, m) }()
				time.Sleep(time.Minute)
				changed := m.first[0]
				changed.Demand = new(*changed.Demand)
				changed.Demand.Issuer.Spec = *changed.Demand.Issuer.Spec.DeepCopy()
				tt.change(&changed)
				m.changes <- changed
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if len(ca.orders) != tt.orders || len(ca.issuedAt) != tt.issued {
					t.Errorf("%d orders, %d issued, want %d and %d", len(ca.orders), len(ca.issuedAt), tt.orders, tt.issued)
				}
				if diff := cmp.Diff(tt.kinds, kinds); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestChangesWhileIdle: a change without an order in progress is decided again, and an entry
// that is no longer requested is dropped with its journal.
func TestChangesWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ca.fail = func(r Request) error {
			if r.Names[0] == "a.example.com" {
				return Failuref(ReasonValidation, "no")
			}
			return nil
		}
		first, second := demand(need("web", "a.example.com")), demand(need("web", "b.example.com"))
		m := moving{store.entries(first), make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		done := make(chan error)
		r := runner(ca, store)
		var got []Kind
		r.Report = func(e Event) { got = append(got, e.Kind) }
		go func() { done <- r.Loop(ctx, m) }()
		time.Sleep(30 * time.Second)
		m.changes <- store.entries(second)[0]
		time.Sleep(30 * time.Second)
		gone := store.entries(second)[0]
		gone.Demand, gone.Journal = nil, Journal{Version: "left", Failures: 1}
		store.journals[first.Ref] = gone.Journal
		m.changes <- gone
		time.Sleep(time.Second)
		m.changes <- store.entries(demand(need("new", "new.example.com")))[0]
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		want := []Kind{Planned, Begun, Failed, Deferred, Planned, Done, UpToDate, UpToDate, NotRequested, Planned, Done, UpToDate, UpToDate}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(store.journals) > 0 {
			t.Errorf("journals left: %v", store.journals)
		}
	})
}

// TestPlanWritesNothing: not even an obsolete journal is deleted.
func TestPlanWritesNothing(t *testing.T) {
	ca, store := newSigner(t, 90*day), newMemory()
	fine, gone := demand(need("fine", "a.example.com")), demand(need("gone", "b.example.com"))
	certified(t, ca, store, fine)
	store.deletions = 0
	entries := store.entries(fine, gone)
	entries[0].Journal, entries[1].Journal, entries[1].Demand = Journal{Version: "1"}, Journal{Version: "1"}, nil
	events, err := runner(ca, store).Plan(t.Context(), entries)
	if err != nil || len(events) != 1 || events[0].Kind != UpToDate || store.deletions != 0 {
		t.Errorf("%+v, %v; %d journals removed", events, err, store.deletions)
	}
	// A real pass deletes both.
	if _, err := runner(ca, store).Once(t.Context(), entries); err != nil || store.deletions != 2 {
		t.Errorf("%v; %d journals removed, want 2", err, store.deletions)
	}
}

// TestDisabledRenewal: a certificate with disabled renewal is never renewed, though its renewal
// information is queried.
func TestDisabledRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asks := need("web", "web.example.com")
		asks.Certificate.Renewal = disabled()
		d := demand(asks)
		ca, store := newSigner(t, 90*day), newMemory()
		certified(t, ca, store, d)
		var q questions
		ca.info = q.answer(0, later)
		ctx, stop := context.WithTimeout(t.Context(), 80*day-time.Hour)
		defer stop()
		if err := runner(ca, store).Loop(ctx, still(store.entries(d))); err != nil {
			t.Fatal(err)
		}
		if len(ca.orders) != 0 || len(q.ids) != 80*4 {
			t.Errorf("%d orders, %d questions", len(ca.orders), len(q.ids))
		}
	})
}

// TestLoopFailsWithItsSource: a source that cannot be read is an error at once.
func TestLoopFailsWithItsSource(t *testing.T) {
	err := runner(newSigner(t, day), newMemory()).Loop(t.Context(), lost{})
	if err == nil || err.Error() != "forbidden" {
		t.Errorf("got %v", err)
	}
}

// lost is a source that cannot be read.
type lost struct{}

func (lost) Entries(context.Context) ([]Entry, error) { return nil, errors.New("forbidden") }
func (lost) Changes(context.Context) <-chan Entry     { return nil }

// TestLateEventCostsNothing: a Secret as it was before its renewal is read again, and not charged
// to the rate limits. Neither is a try that places no order.
func TestLateEventCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store, d := newSigner(t, 90*day), newMemory(), demand(need("web", "web.example.com"))
		certified(t, ca, store, d)
		time.Sleep(65 * day)
		other := demand(need("other", "other.example.com"))
		due, missing := store.entries(d)[0], store.entries(other)[0]
		certified(t, ca, store, d)
		r := runner(ca, store)
		r.Limits = func(string) ratelimit.Limits { return ratelimit.Limits{Set: ratelimit.Limit{Most: 2, Period: 7 * day}} }
		var costs []string
		r.Report = func(e Event) {
			if e.Kind == Planned {
				costs = append(costs, e.Entry.Ref.Name+" "+e.Cost.Text)
			}
		}
		r.CA = func(context.Context, Issuer) (CA, error) { return nil, plain("no key") }
		m := moving{append(store.entries(d), missing), make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
		defer stop()
		done := make(chan error)
		go func() { done <- r.Loop(ctx, m) }()
		for i := range 3 {
			time.Sleep(time.Second)
			due.Secret.Version = fmt.Sprint("late ", i)
			m.changes <- due
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		const late = "web 2 of 2 this week (same names)"
		want := []string{"other 1 of 2 this week (same names)", late, late, late, "other 1 of 2 this week (same names)"}
		if diff := cmp.Diff(want, costs); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
