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

// days are the days of issuance since the start of a bubble.
func days(s *signer, start time.Time) []int {
	var days []int
	for _, at := range s.issuedAt {
		days = append(days, int(at.Sub(start)/day))
	}
	return days
}

func TestLoopRenewsFor200Days(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	wish := d
	wish.Need.Certificate.RenewBeforePercentage = new(int32(50))
	for name, tt := range map[string]struct {
		demand   Demand
		lifetime time.Duration
		rules    Rules
		info     func(*signer) func(string) (RenewalInfo, error)
		want     []int
	}{
		"a third left, a little spread": {demand: d, lifetime: 90 * day, want: []int{0, 58, 117, 176}},
		"a third of 40 days":            {demand: d, lifetime: 40 * day, want: []int{0, 25, 52, 78, 104, 131, 157, 183}},
		"half of 9 days":                {demand: d, lifetime: 9 * day, want: []int{0, 4, 8, 13, 17, 21, 26, 30, 35, 39, 43, 48, 52, 57, 61, 65}},
		"the walk-through's rule":       {demand: d, lifetime: 90 * day, rules: Rules{RenewBefore: 360 * time.Hour}, want: []int{0, 74, 149}},
		"by percentage":                 {demand: wish, lifetime: 90 * day, want: []int{0, 44, 89, 134, 179}},
		"by the CA": {demand: d, lifetime: 90 * day, info: func(s *signer) func(string) (RenewalInfo, error) {
			return func(string) (RenewalInfo, error) {
				last := s.issuedAt[len(s.issuedAt)-1]
				return RenewalInfo{Start: last.Add(10 * day), End: last.Add(10*day + time.Minute), NextCheck: time.Now().Add(6 * time.Hour)}, nil
			}
		}, want: []int{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190}},
		"an absurd window of the CA": {demand: d, lifetime: 90 * day, rules: Rules{RenewBefore: 360 * time.Hour}, info: func(*signer) func(string) (RenewalInfo, error) {
			return func(string) (RenewalInfo, error) {
				return RenewalInfo{End: time.Now(), NextCheck: time.Now().Add(6 * time.Hour)}, nil
			}
		}, want: []int{0, 74, 149}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca, store, start := newSigner(t, tt.lifetime), newMemory(), time.Now()
				if tt.info != nil {
					ca.info = tt.info(ca)
				}
				ctx, stop := context.WithTimeout(t.Context(), 200*day)
				defer stop()
				r := runner(ca, store)
				r.Rules = tt.rules
				if err := r.Loop(ctx, still(store.entries(tt.demand))); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, days(ca, start)[:min(len(tt.want), len(ca.issuedAt))]); diff != "" {
					t.Errorf("days of issuance (-want +got):\n%s", diff)
				}
				if len(store.journals) > 0 {
					t.Errorf("journals left: %d", len(store.journals))
				}
			})
		})
	}
}

func TestLoopBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store, start := newSigner(t, 90*day), newMemory(), time.Now()
		var tries []time.Duration
		ca.fail = func(Request) error {
			tries = append(tries, time.Since(start).Round(time.Minute))
			return Failuref(ReasonValidation, "NXDOMAIN")
		}
		d := demand(need("web", "web.example.com"))
		ctx, stop := context.WithTimeout(t.Context(), 3*day)
		defer stop()
		if err := runner(ca, store).Loop(ctx, still(store.entries(d))); err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{0, time.Minute, 11 * time.Minute, 111 * time.Minute, 111*time.Minute + day, 111*time.Minute + 2*day}
		if diff := cmp.Diff(want, tries); diff != "" {
			t.Errorf("tries (-want +got):\n%s", diff)
		}

		// A restart keeps the delay; a changed demand does not.
		tries = nil
		summary, err := runner(ca, store).Once(t.Context(), store.entries(d))
		if err != nil || summary != (Summary{Deferred: 1}) || tries != nil {
			t.Errorf("after a restart: %+v, %v, tries %v", summary, err, tries)
		}
		summary, err = runner(ca, store).Once(t.Context(), store.entries(demand(need("web", "web.example.com", "www.example.com"))))
		if err != nil || summary != (Summary{Failed: 1}) || len(tries) != 1 {
			t.Errorf("after a change: %+v, %v, tries %v", summary, err, tries)
		}
		if j := store.journals[d.Ref]; j.Failures != 1 {
			t.Errorf("the change did not start the count anew: %d failures", j.Failures)
		}
	})
}

func TestOnce(t *testing.T) {
	ca, store := newSigner(t, 90*day), newMemory()
	var demands []Demand
	for i := range 200 {
		demands = append(demands, demand(need(fmt.Sprintf("web-%d", i), fmt.Sprintf("web-%d.example.com", i))))
	}
	ca.fail = func(r Request) error {
		if r.Names[0] == "web-7.example.com" {
			return &Failure{Reason: ReasonValidation, Detail: "no", Dead: true}
		}
		return nil
	}
	var kinds = map[Kind]int{}
	r := runner(ca, store)
	r.Report = func(e Event) { kinds[e.Kind]++ }
	summary, err := r.Once(t.Context(), store.entries(demands...))
	if want := (Summary{Issued: 199, Failed: 1}); err != nil || summary != want {
		t.Fatalf("%+v, %v, want %+v", summary, err, want)
	}
	want := map[Kind]int{Planned: 200, Begun: 1, Done: 199, Failed: 1}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	ca.fail = nil
	summary, err = runner(ca, store).Once(t.Context(), store.entries(demands...))
	if want := (Summary{UpToDate: 199, Deferred: 1}); err != nil || summary != want {
		t.Errorf("again: %+v, %v, want %+v", summary, err, want)
	}
	if len(ca.orders) != 200 {
		t.Errorf("%d orders, want 200", len(ca.orders))
	}
}

// TestOnceRefusesInvalid: a certificate that is not valid now does not replace a valid one.
func TestOnceRefusesInvalid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for ahead, want := range map[time.Duration]string{
			time.Hour + 5*time.Minute:               "",
			time.Hour + 5*time.Minute + time.Second: "the CA's certificate is not valid before 2000-01-01T00:05:01Z: check the clock",
			time.Second - 90*day + time.Hour:        "",
			-90*day + time.Hour:                     "the CA's certificate has already expired: check the clock",
		} {
			ca, store := newSigner(t, 90*day), newMemory()
			ca.ahead = ahead
			var got string
			r := runner(ca, store)
			r.Report = func(e Event) {
				if failure, ok := errors.AsType[*Failure](e.Err); ok {
					got = failure.Detail
				}
			}
			if _, err := r.Once(t.Context(), store.entries(demand(need("web", "web.example.com")))); err != nil {
				t.Fatal(err)
			}
			if saved := store.saves > 0; got != want || saved != (want == "") {
				t.Errorf("%s ahead: fails with %q, want %q; saved: %v", ahead, got, want, saved)
			}
		}
	})
}

func TestOnceResumesAnOrder(t *testing.T) {
	ca, store := newSigner(t, 90*day), newMemory()
	d := demand(need("web", "web.example.com"))
	store.saveErr = errors.New("killed here")
	if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
		t.Fatal(err)
	}
	left := store.journals[d.Ref]
	if left.Order == "" || len(left.Key) == 0 {
		t.Fatal("no order in the journal")
	}
	left.Failures = 0 // a kill leaves none
	store.journals[d.Ref], store.saveErr = left, nil
	if _, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil {
		t.Fatal(err)
	}
	if got := ca.orders[1].Order; got != left.Order {
		t.Errorf("resumed %q, want %q", got, left.Order)
	}
	if string(store.secrets[d.Ref].Key) != string(left.Key) {
		t.Error("another key")
	}
	if len(store.journals) > 0 {
		t.Error("the journal was left")
	}
}

func TestLoopStopsInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ca.takes = time.Hour
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		start := time.Now()
		if err := runner(ca, store).Loop(ctx, still(store.entries(demand(need("web", "web.example.com"))))); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Minute+time.Second {
			t.Errorf("stopped after %s", took)
		}
		if len(store.journals) > 0 {
			t.Error("an interrupted try counts as a failure")
		}
	})
}

func TestPlanOrdersNothing(t *testing.T) {
	ca, store := newSigner(t, 90*day), newMemory()
	events, err := runner(ca, store).Plan(t.Context(), store.entries(demand(need("web", "web.example.com"))))
	if err != nil || len(events) != 1 || events[0].Kind != Planned || events[0].Decision.Why != Missing {
		t.Errorf("%+v, %v", events, err)
	}
	if len(ca.orders) > 0 {
		t.Error("ordered")
	}
}

// unreadable is a cluster whose Secrets cannot be read.
type unreadable struct{ *memory }

func (unreadable) Secret(context.Context, Ref) (Secret, bool, error) {
	return Secret{}, false, errors.New("forbidden")
}

func TestLoopBacksOffWhereSecretsCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		r := runner(ca, unreadable{store})
		tries := 0
		r.Report = func(e Event) {
			if e.Kind == Failed {
				tries++
			}
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		if err := r.Loop(ctx, still(store.entries(demand(need("web", "web.example.com"))))); err != nil {
			t.Fatal(err)
		}
		if tries != 7 { // at once, after 1 min, then every 10 min
			t.Errorf("%d tries in an hour", tries)
		}
	})
}

// moving is a source that the test changes.
type moving struct {
	first   []Entry
	changes chan Entry
}

func (m moving) Entries(context.Context) ([]Entry, error) { return m.first, nil }
func (m moving) Changes(context.Context) <-chan Entry     { return m.changes }

func TestLoopCancelsOrdersNoLongerRequested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ca.takes = time.Hour
		d := demand(need("web", "old.example.com"))
		m := moving{store.entries(d), make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Hour)
		defer stop()
		done := make(chan error)
		go func() { done <- runner(ca, store).Loop(ctx, m) }()
		time.Sleep(time.Minute)
		m.changes <- store.entries(demand(need("web", "new.example.com")))[0]
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(ca.orders) != 2 || ca.orders[1].Names[0] != "new.example.com" || len(ca.issuedAt) != 1 {
			t.Errorf("%d orders, %d issued", len(ca.orders), len(ca.issuedAt))
		}
		if len(store.journals) > 0 {
			t.Error("what was stopped counts as a failure")
		}
	})
}

func TestLoopKeepsWaitingWhenAnEventComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, store := newSigner(t, 90*day), newMemory()
		ca.fail = func(Request) error { return Failuref(ReasonSolver, "no credentials") }
		entries := store.entries(demand(need("web", "web.example.com")))
		m := moving{entries, make(chan Entry)}
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		done := make(chan error)
		go func() { done <- runner(ca, store).Loop(ctx, m) }()
		for range 5 {
			time.Sleep(time.Second)
			m.changes <- entries[0] // the object was changed
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(ca.orders) != 1 {
			t.Errorf("%d tries in 30 s", len(ca.orders))
		}
	})
}
