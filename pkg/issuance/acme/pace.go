package acme

import (
	"sync"
	"time"
)

// pace estimates how long a CA takes for one step of an order, so that the first poll usually
// finds the step done: each further poll costs a signed request. It knows only whether the first
// polls so far came too early.
type pace struct {
	mu    sync.Mutex
	delay time.Duration // before the next first poll
}

const (
	minFirstPause   = 20 * time.Millisecond
	usualFirstPause = 100 * time.Millisecond
	maxPause        = 5 * time.Second

	// A poll that is too early makes the delay longer by paceRise, any other makes it shorter by
	// paceFall. As 1.3 × 0.955⁶ is about 1, six of seven first polls are late enough.
	paceRise = 1.3
	paceFall = 0.955
)

func newPace() pace { return pace{delay: usualFirstPause} }

// first returns the delay before the first poll of an order.
func (p *pace) first() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay
}

// learn records whether a first poll after the delay found the step done. Orders in flight have
// used older delays: one that was too early although it was shorter than today's says nothing
// new, and neither does one that was late enough although it was longer.
func (p *pace) learn(delay time.Duration, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch today := float64(p.delay); {
	case done && float64(delay)*paceFall < today:
		p.delay = max(time.Duration(today*paceFall), minFirstPause)
	case !done && float64(delay)*paceRise > today:
		p.delay = min(time.Duration(float64(delay)*paceRise), maxPause)
	}
}

// pause returns how long to wait before the nth poll of an order, from 0; first is the delay
// before the first. retryAfter is the last answer's Retry-After, 0 if it had none. The first poll
// ignores it: servers ask for whole seconds, most are ready in a fraction of one, and waiting
// makes an issuance take six times as long. Later polls honour it.
func pause(n int, first, retryAfter time.Duration) time.Duration {
	if n > 0 && retryAfter > 0 {
		return retryAfter
	}
	if n == 0 {
		return first
	}
	return min(max(first, usualFirstPause)<<min(n, 10), maxPause)
}
