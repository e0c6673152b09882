package acme

import (
	"fmt"
	"sync"
	"time"
)

// silence knows since when a server that accepts connections has not answered any signed request.
// Such a server would stop each order for as long as one that is restarted, for which an order
// waits: so it is given up on after a time that does not depend on the number of orders.
type silence struct {
	limit time.Duration // after which the server is given up on

	mu    sync.Mutex
	since time.Time // start of the first request without an answer, zero if the last had one
	last  time.Time // when a request last had no answer
}

const (
	// silentLimit is the time of two requests.
	silentLimit = 50 * time.Second
	// silentPause is how long no request is sent to a server that was given up on.
	silentPause = time.Minute
)

// answered records an answer.
func (s *silence) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = time.Time{}
}

// unanswered records that a request from a time had no answer until now.
func (s *silence) unanswered(start, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() || start.Before(s.since) || start.Sub(s.last) >= silentPause {
		s.since = start
	}
	s.last = now
}

// givenUp returns how long the server has not answered, and whether it is given up on.
func (s *silence) givenUp() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lasts()
}

// lasts is givenUp with the lock held.
func (s *silence) lasts() (time.Duration, bool) {
	if s.since.IsZero() {
		return 0, false
	}
	d := s.last.Sub(s.since)
	return d, d >= s.limit
}

// refuse returns an error instead of a request to a server that was given up on a moment ago.
func (s *silence) refuse(method, url string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lasts, given := s.lasts()
	if !given || now.Sub(s.last) >= silentPause {
		return nil
	}
	return &noResponse{text: fmt.Sprintf("%s %s: the server accepts connections, but has not answered for %s", method, url, lasts.Round(time.Second)), silent: true}
}
