package issuance

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(64)
		at := func(want int, when string) {
			t.Helper()
			if got := g.Limit(); got != want {
				t.Errorf("%s: %d, want %d", when, got, want)
			}
		}
		answers := func(n int, took time.Duration) {
			for range n {
				g.Observe(took, false)
			}
		}
		at(8, "at first")
		answers(200, 10*time.Millisecond)
		at(64, "while it answers")
		time.Sleep(time.Second)
		g.Observe(time.Second, true)
		g.Observe(time.Second, true)
		at(32, "after one burst of refusals")
		for range 20 {
			time.Sleep(time.Second)
			g.Observe(30*time.Second, true)
		}
		at(1, "while it refuses")
		answers(10_000, 10*time.Millisecond)
		at(64, "when it is back")
		time.Sleep(time.Second)
		answers(40, 3*time.Second)
		if got := g.Limit(); got >= 64 {
			t.Errorf("slow answers leave it at %d", got)
		}
	})
}

// TestGateAndSlowness: the limit falls when a CA becomes slow, not if it always is, and grows
// slowly after a failure.
func TestGateAndSlowness(t *testing.T) {
	const normal, slow = 10 * time.Millisecond, 2 * time.Second
	type answers struct {
		n     int
		took  time.Duration
		busy  bool
		after time.Duration
	}
	for name, tt := range map[string]struct {
		answers []answers
		want    int
	}{
		"always slow":                  {[]answers{{100, slow, false, 0}}, 64},
		"becomes slow":                 {[]answers{{100, normal, false, time.Minute}, {20, slow, false, 0}}, 51},
		"fast after a slow start":      {[]answers{{1, slow, false, 0}, {100, normal, false, time.Minute}, {20, slow, false, 0}}, 51},
		"slow, but tolerable":          {[]answers{{100, normal, false, time.Minute}, {200, time.Second, false, 0}}, 64},
		"busy once":                    {[]answers{{100, normal, false, time.Minute}, {5, normal, true, 0}}, 32},
		"a little better after":        {[]answers{{100, normal, false, time.Minute}, {1, normal, true, 0}, {32, normal, false, 0}}, 32},
		"better after":                 {[]answers{{100, normal, false, time.Minute}, {1, normal, true, 0}, {34, normal, false, 0}}, 33},
		"busy again a moment later":    {[]answers{{100, normal, false, time.Minute}, {1, normal, true, time.Second - 1}, {1, normal, true, 0}}, 32},
		"busy again a second later":    {[]answers{{100, normal, false, time.Minute}, {1, normal, true, time.Second}, {1, normal, true, 0}}, 16},
		"answers that take no time":    {[]answers{{100, 0, false, time.Minute}, {100, 5 * time.Millisecond, false, 0}}, 64},
		"one more than at the start":   {[]answers{{1, normal, false, 0}}, 9},
		"never more than the most":     {[]answers{{1000, normal, false, 0}}, 64},
		"never less than one, however": {[]answers{{1, normal, true, time.Second}, {1, normal, true, time.Second}, {1, normal, true, time.Second}, {1, normal, true, time.Second}, {1, normal, true, 0}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate(64)
				for _, a := range tt.answers {
					for range a.n {
						g.Observe(a.took, a.busy)
					}
					time.Sleep(a.after)
				}
				if got := g.Limit(); got != tt.want {
					t.Errorf("got %d, want %d", got, tt.want)
				}
			})
		})
	}
	if got := newGate(3).Limit(); got != 3 {
		t.Errorf("starts with %d of 3", got)
	}
}
