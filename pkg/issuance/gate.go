package issuance

import (
	"sync"
	"time"
)

// Gate says how many orders may be under way at a CA: few at first, more while
// it answers, half as many when it does not, and fewer when it slows down.
type Gate struct {
	lock  sync.Mutex
	most  float64
	limit float64
	// careful is set by the first trouble; until then the limit doubles
	// quickly.
	careful        bool
	fastest, usual time.Duration
	lowered        time.Time
}

// NewGate makes a gate that never lets more than most through.
func NewGate(most int) *Gate {
	return &Gate{most: float64(most), limit: min(8, float64(most))}
}

// Limit is how many orders may be under way now, at least one.
func (g *Gate) Limit() int {
	g.lock.Lock()
	defer g.lock.Unlock()
	return int(g.limit)
}

const (
	// patience between two reductions: what was sent before the first one
	// still comes back slowly.
	settle = time.Second
	// slow answers are this much slower than the fastest, and than tolerable.
	slowdown  = 10
	tolerable = time.Second
)

// Observe notes how long an answer took, and whether it was a refusal for
// being busy or none at all.
func (g *Gate) Observe(took time.Duration, busy bool) {
	g.lock.Lock()
	defer g.lock.Unlock()
	if busy {
		g.lower(2)
		return
	}
	if g.fastest == 0 || took < g.fastest {
		g.fastest = max(took, time.Millisecond)
	}
	g.usual += (took - g.usual) / 16
	if g.usual > max(slowdown*g.fastest, tolerable) {
		g.lower(1.25)
		return
	}
	step := 1.0
	if g.careful {
		step = 1 / g.limit
	}
	g.limit = min(g.limit+step, g.most)
}

func (g *Gate) lower(by float64) {
	now := time.Now()
	if now.Sub(g.lowered) < settle {
		return
	}
	g.careful, g.lowered = true, now
	g.limit = max(g.limit/by, 1)
}

// gates are kept by server for the life of a Runner.
type gates struct {
	lock sync.Mutex
	m    map[string]*Gate
}

func (g *gates) at(server string, most int) *Gate {
	g.lock.Lock()
	defer g.lock.Unlock()
	if g.m == nil {
		g.m = map[string]*Gate{}
	}
	if g.m[server] == nil {
		g.m[server] = NewGate(most)
	}
	return g.m[server]
}
