package acme

import "time"

const (
	firstLook = 100 * time.Millisecond
	mostPause = 5 * time.Second
)

// pause is how long to wait before the nth look at an order, from 0. asked is
// what the last answer said in Retry-After, 0 for nothing. The first look is
// early whatever the server asks: servers ask for whole seconds and most are
// done in a fraction of one, and an issuance that waits for its first second
// takes six times as long. From then on the server has its way.
func pause(n int, asked time.Duration) time.Duration {
	if n > 0 && asked > 0 {
		return asked
	}
	return min(firstLook<<min(n, 10), mostPause)
}
