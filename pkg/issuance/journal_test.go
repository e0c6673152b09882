package issuance

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

func TestJournalNext(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return now.Add(d) }
	secret := func(left time.Duration) SecretState { return SecretState{Exists: true, NotAfter: at(left)} }
	const requested, third = "requested by the CA", "a third of the certificate's remaining time"
	for name, tt := range map[string]struct {
		journal Journal
		secret  SecretState
		want    Wait
	}{
		"no failure":                              {journal: Journal{Demand: "d", RetryAt: at(time.Hour)}},
		"another demand":                          {journal: Journal{Demand: "e", Failures: 1, Failed: now}},
		"once":                                    {journal: Journal{Demand: "d", Failures: 1, Failed: now}, want: Wait{at(time.Minute), ""}},
		"often, of no CA's concern":               {journal: Journal{Demand: "d", Failures: 9, Failed: now, Reason: ReasonSolver}, want: Wait{at(10 * time.Minute), ""}},
		"once, of no CA's concern":                {journal: Journal{Demand: "d", Failures: 1, Failed: now, Reason: ReasonAccount}, want: Wait{at(time.Minute), ""}},
		"the CA did not answer":                   {journal: Journal{Demand: "d", Failures: 4, Failed: now, Reason: ReasonUnavailable}, want: Wait{at(10 * time.Minute), ""}},
		"the CA asks for an hour, unavailable":    {journal: Journal{Demand: "d", Failures: 4, Failed: now, Reason: ReasonUnavailable, RetryAt: at(time.Hour)}, want: Wait{at(time.Hour), requested}},
		"validation failed often":                 {journal: Journal{Demand: "d", Failures: 9, Failed: now, Reason: ReasonValidation}, want: Wait{at(day), ""}},
		"often":                                   {journal: Journal{Demand: "d", Failures: 9, Failed: now}, want: Wait{at(day), ""}},
		"the CA asks for an hour":                 {journal: Journal{Demand: "d", Failures: 1, Failed: now, RetryAt: at(time.Hour)}, want: Wait{at(time.Hour), requested}},
		"the CA asks for less":                    {journal: Journal{Demand: "d", Failures: 2, Failed: now, RetryAt: at(time.Second)}, want: Wait{at(10 * time.Minute), ""}},
		"the CA asks for years":                   {journal: Journal{Demand: "d", Failures: 1, Failed: now, RetryAt: now.AddDate(7, 0, 0)}, want: Wait{at(day), "limited to one day; the CA requested 2033-11-29T12:00:00Z"}},
		"it expires in 30 days":                   {journal: Journal{Demand: "d", Failures: 1, Failed: now, RetryAt: at(day)}, secret: secret(30 * day), want: Wait{at(day), requested}},
		"it expires in 6 hours":                   {journal: Journal{Demand: "d", Failures: 1, Failed: now, RetryAt: at(day)}, secret: secret(6 * time.Hour), want: Wait{at(2 * time.Hour), third}},
		"the back-off would let it go":            {journal: Journal{Demand: "d", Failures: 4, Failed: now}, secret: secret(6 * time.Hour), want: Wait{at(2 * time.Hour), third}},
		"the CA asks for the same":                {journal: Journal{Demand: "d", Failures: 1, Failed: now, RetryAt: at(time.Minute)}, want: Wait{at(time.Minute), ""}},
		"the CA asks for a day":                   {journal: Journal{Demand: "d", Failures: 1, Failed: now, RetryAt: at(day)}, want: Wait{at(day), requested}},
		"it expires in three times that":          {journal: Journal{Demand: "d", Failures: 2, Failed: now}, secret: secret(30 * time.Minute), want: Wait{at(10 * time.Minute), ""}},
		"what is damaged has nothing left":        {journal: Journal{Demand: "d", Failures: 4, Failed: now}, secret: SecretState{Exists: true, Damage: NoKey, NotAfter: at(time.Hour)}, want: Wait{at(day), ""}},
		"another clock is as far ahead as it may": {journal: Journal{Demand: "d", Failures: 1, Failed: at(5 * time.Minute)}, want: Wait{at(6 * time.Minute), ""}},
		"it expires in seconds":                   {journal: Journal{Demand: "d", Failures: 4, Failed: now}, secret: secret(10 * time.Second), want: Wait{at(time.Minute), third}},
		"it has expired":                          {journal: Journal{Demand: "d", Failures: 4, Failed: now}, secret: secret(-time.Hour), want: Wait{at(day), ""}},
		"a stand-in has nothing left":             {journal: Journal{Demand: "d", Failures: 4, Failed: now}, secret: SecretState{Exists: true, Temporary: true, NotAfter: at(time.Hour)}, want: Wait{at(day), ""}},
		"another clock is a little ahead":         {journal: Journal{Demand: "d", Failures: 1, Failed: at(time.Minute)}, want: Wait{at(2 * time.Minute), ""}},
		"the clock was years ahead":               {journal: Journal{Demand: "d", Failures: 1, Failed: now.AddDate(9, 0, 0), RetryAt: now.AddDate(9, 0, 1)}},
		"no time of the failure":                  {journal: Journal{Demand: "d", Failures: 1, RetryAt: now.AddDate(9, 0, 0)}, want: Wait{time.Time{}.Add(day), "limited to one day; the CA requested 2035-11-29T12:00:00Z"}},
		"nonsense":                                {journal: Journal{Demand: "d", Failures: -3, Failed: now, RetryAt: at(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.journal.Next("d", tt.secret, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLoopWaitsADay: if a CA requests a delay of years, it is tried daily, also if an earlier
// version stored that delay, and more often when the certificate is about to expire.
func TestLoopWaitsADay(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	for name, tt := range map[string]struct {
		lifetime time.Duration // of the certificate that is there, 0 for none
		journal  func(now time.Time) Journal
		want     []time.Duration
	}{
		"nothing is there": {want: []time.Duration{0, day, 2 * day, 3 * day}},
		"written by an earlier version": {
			journal: func(now time.Time) Journal {
				return Journal{Demand: d.Digest, Failures: 1, Failed: now, RetryAt: now.AddDate(7, 0, 0), Version: "1"}
			},
			want: []time.Duration{day, 2 * day, 3 * day},
		},
		"written while the clock was years ahead": {
			journal: func(now time.Time) Journal {
				return Journal{Demand: d.Digest, Failures: 1, Failed: now.AddDate(7, 0, 0), RetryAt: now.AddDate(7, 0, 1), Version: "1"}
			},
			want: []time.Duration{0, day, 2 * day, 3 * day},
		},
		"renewed at half of 12 hours": {
			lifetime: 12 * time.Hour,
			// 6, 4, 2.7, 1.8 hours are left.
			want: []time.Duration{6 * time.Hour, 8 * time.Hour, 9*time.Hour + 20*time.Minute, 10*time.Hour + 13*time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store, start := newSigner(t, tt.lifetime), newMemory(), time.Now()
				if tt.lifetime > 0 {
					if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
						t.Fatal(err)
					}
					start = start.Add(-time.Hour) // when the certificate begins
				}
				if tt.journal != nil {
					store.journals[d.Ref] = tt.journal(start)
				}
				var tries []time.Duration
				ca.fail = func(Request) error {
					tries = append(tries, time.Since(start).Truncate(time.Minute))
					return &Failure{Reason: ReasonRateLimited, Detail: "too many", RetryAt: time.Now().AddDate(7, 0, 0)}
				}
				ctx, stop := context.WithTimeout(t.Context(), 4*day)
				defer stop()
				if err := runner(ca, store).Loop(ctx, still(store.entries(d))); err != nil {
					t.Fatal(err)
				}
				for i := range tries { // a sixtieth of the lifetime is spread
					if tt.lifetime > 0 && i < len(tt.want) && (tries[i]-tt.want[i]).Abs() <= 15*time.Minute {
						tries[i] = tt.want[i]
					}
				}
				if diff := cmp.Diff(tt.want, tries[:min(len(tt.want), len(tries))]); diff != "" {
					t.Errorf("tries (-want +got):\n%s", diff)
				}
				j := store.journals[d.Ref]
				if wait := j.RetryAt.Sub(j.Failed); wait > day {
					t.Errorf("kept a wait of %s", wait)
				}
			})
		})
	}
}

// TestLoopRechecks: any waiting item is decided again soon by the monotonic clock, so that a
// jump of the wall clock does not matter. That is not reported.
func TestLoopRechecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		d := demand(need("web", "web.example.com"))
		if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
			t.Fatal(err)
		}
		r, reported := runner(ca, store), 0
		r.Report = func(e Event) {
			if e.Kind == UpToDate {
				reported++
			}
		}
		e := newEngine(r, false)
		e.start(t.Context(), store.entries(d))
		for range 10 {
			if wait := time.Until(e.timers.items[0].wake); wait > recheck {
				t.Fatalf("sleeps for %s", wait)
			}
			time.Sleep(recheck)
			e.runDue()
		}
		if reported != 1 {
			t.Errorf("reported %d times", reported)
		}
		// The wall clock jumps ahead: the certificate is due.
		it := e.timers.items[0]
		it.Secret.NotAfter, it.Secret.NotBefore = it.Secret.NotAfter.Add(-80*day), it.Secret.NotBefore.Add(-80*day)
		time.Sleep(recheck)
		e.runDue()
		if it.decision.Why != RenewalDue {
			t.Errorf("after the jump: %+v", it.decision)
		}
	})
}

// TestLimitsAndExpiry: our count of a CA's limits does not defer a renewal until the
// certificate has expired.
func TestLimitsAndExpiry(t *testing.T) {
	for name, tt := range map[string]struct {
		left time.Duration
		want Kind
	}{
		"10 days left": {10 * day, Planned},
		"40 days left": {40 * day, Deferred},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := demand(need("web", "web.example.com"))
				ca, store := newSigner(t, tt.left), newMemory()
				if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
					t.Fatal(err)
				}
				entries := store.entries(d)
				entries[0].Secret.RequestedAt = time.Now()
				r := runner(ca, store)
				r.Limits = func(string) ratelimit.Limits { return ratelimit.Limits{Set: ratelimit.Limit{Most: 1, Period: 7 * day}} }
				events, err := r.Plan(t.Context(), entries)
				if err != nil || len(events) != 1 {
					t.Fatal(events, err)
				}
				if got := events[0].Kind; got != tt.want {
					t.Errorf("it is %s (%s), want %s", got, events[0].Decision.Deferred, tt.want)
				}
			})
		})
	}
}

func TestDeferredSaysWhy(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	d := demand(need("web", "web.example.com"))
	j := Journal{Demand: d.Digest, Failures: 1, Failed: now, RetryAt: now.AddDate(7, 0, 0), Detail: "rate-limited: too many"}
	got := Rules{}.Decide(Entry{Demand: &d, Journal: j}, RenewalInfo{}, now).Deferred
	want := "missing; failed once, next try at 2026-11-30T12:00:00Z (limited to one day; the CA requested 2033-11-29T12:00:00Z): rate-limited: too many"
	if got != want || strings.Contains(got, "\n") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestObsoleteJournal: the journal that counts is the stored one, not the known one.
func TestObsoleteJournal(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	type result struct {
		Kinds  []Kind // of the last try
		Orders []string
	}
	for name, tt := range map[string]struct {
		change func(e *Entry, m *memory) // after the first try
		fails  bool                      // the first try
		want   result
	}{
		"deleted since it was known": {func(e *Entry, m *memory) {
			e.Journal = Journal{Demand: d.Digest, Order: server + "/order/1", Key: m.secrets[d.Ref].Key, Version: "kept 1"}
		}, false, result{[]Kind{Planned, Begun, Done}, []string{"", ""}}},
		"deleted after a failure": {func(_ *Entry, m *memory) { delete(m.journals, d.Ref) }, true, result{[]Kind{Planned, Begun, Done}, []string{"", ""}}},
		"not known":               {func(e *Entry, m *memory) { e.Journal = Journal{} }, true, result{[]Kind{Planned, Begun, Done}, []string{"", server + "/order/1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store := newSigner(t, 90*day), newMemory()
				if tt.fails {
					ca.failOrdered = Failuref(ReasonValidation, "no")
				}
				if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
					t.Fatal(err)
				}
				ca.failOrdered = nil
				time.Sleep(65 * day)
				entry := store.entries(d)[0]
				tt.change(&entry, store)
				var got result
				r := runner(ca, store)
				r.Report = func(e Event) { got.Kinds = append(got.Kinds, e.Kind) }
				before := entry.Secret.Leaf
				if _, err := r.Once(t.Context(), []Entry{entry}); err != nil {
					t.Fatal(err)
				}
				for _, o := range ca.orders {
					got.Orders = append(got.Orders, o.Order)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if Examine(store.secrets[d.Ref]).Leaf == before {
					t.Error("the same certificate")
				}
				if len(store.journals) > 0 {
					t.Errorf("%d journals left", len(store.journals))
				}
			})
		})
	}
}
