package acme

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPause: the times of polls of an order, in milliseconds since the request, by the CA's
// Retry-After.
func TestPause(t *testing.T) {
	for name, tt := range map[string]struct {
		asked time.Duration
		want  []int64
	}{
		"says nothing": {0, []int64{100, 300, 700, 1500, 3100, 6300, 11300, 16300}},
		"one second":   {time.Second, []int64{100, 1100, 2100, 3100}},
		"a minute":     {time.Minute, []int64{100, 60100, 120100}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int64
			var at time.Duration
			for n := range tt.want {
				asked := tt.asked
				at += pause(n, usualFirstPause, asked)
				got = append(got, at.Milliseconds())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for n, want := range []time.Duration{20, 200, 400} {
		if got := pause(n, minFirstPause, 0); got != want*time.Millisecond {
			t.Errorf("pause %d of a fast CA is %s, want %dms", n, got, want)
		}
	}
	if got := pause(1000, usualFirstPause, 0); got != maxPause {
		t.Errorf("after very long it is %s", got)
	}
}

// TestPace: whatever a CA takes, one order at a time or many, most first polls find a step done,
// and they come soon after.
func TestPace(t *testing.T) {
	for _, takes := range []time.Duration{30 * time.Millisecond, 300 * time.Millisecond, 3 * time.Second} {
		for _, inFlight := range []int{1, 64} {
			p, random := newPace(), rand.New(rand.NewPCG(1, 2))
			var late time.Duration
			early := 0
			const rounds, settled = 400, 100
			for round := range rounds {
				delays := make([]time.Duration, inFlight)
				for i := range delays {
					delays[i] = p.first()
				}
				for _, delay := range delays {
					took := time.Duration(float64(takes) * (0.8 + 0.4*random.Float64()))
					p.learn(delay, took <= delay)
					if round < settled {
						continue
					}
					if late += max(delay-took, 0); took > delay {
						early++
					}
				}
			}
			n := (rounds - settled) * inFlight
			if early > n/3 {
				t.Errorf("%s, %d in flight: %d of %d first polls are early", takes, inFlight, early, n)
			}
			if mean := late / time.Duration(n); mean > takes {
				t.Errorf("%s, %d in flight: the first poll is %s late on average", takes, inFlight, mean)
			}
		}
	}
}

// TestPaceLimits: the delay neither disappears nor grows without end.
func TestPaceLimits(t *testing.T) {
	p := newPace()
	for range 1000 {
		p.learn(p.first(), true)
	}
	if p.first() != minFirstPause {
		t.Errorf("after 1,000 polls that were not early it is %s", p.first())
	}
	for range 1000 {
		p.learn(p.first(), false)
	}
	if p.first() != maxPause {
		t.Errorf("after 1,000 early polls it is %s", p.first())
	}
}
