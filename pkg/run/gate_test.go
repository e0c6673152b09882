package run

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(64)
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
