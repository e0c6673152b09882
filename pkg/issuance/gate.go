package issuance

import (
	"sync"
	"time"
)

// Gate limits concurrent orders at a CA: few at first, more while it answers, half as many when
// it is unavailable, and fewer when it slows down.
type Gate struct {
	lock  sync.Mutex
	most  float64
	limit float64
	// careful is set after the first failure; until then the limit grows quickly.
	careful        bool
	fastest, usual time.Duration
	lowered        time.Time
}

// newGate returns a gate with a limit of at most most.
func newGate(most int) *Gate {
	return &Gate{most: float64(most), limit: min(8, float64(most))}
}

// Limit returns the maximum number of concurrent orders now, at least one.
func (g *Gate) Limit() int {
	g.lock.Lock()
	defer g.lock.Unlock()
	return int(g.limit)
}

const (
	// settle is the time between two reductions: earlier requests are still slow.
	settle = time.Second
	// Answers are slow if they take slowdown times the fastest one and longer than tolerable.
	slowdown  = 10
	tolerable = time.Second
)

// Observe records the latency of a request, and whether the CA was unavailable.
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

// gates has the gate of each server, for the life of a Runner.
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
		g.m[server] = newGate(most)
	}
	return g.m[server]
}
