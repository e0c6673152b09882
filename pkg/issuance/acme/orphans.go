package acme

import (
	"errors"
	"sync"
	"time"
)

// orphans are the account's orders that no request uses: an earlier process ended, or an answer
// was lost, after the order was created and before its URL was journalled. They are found in
// the list of orders (RFC 8555 §7.1.2.1), if the server has one. Let's Encrypt has none, and
// returns the same pending order again.
type orphans struct {
	reading chan struct{} // held while reading the list
	budget  time.Duration // of one reading

	mu       sync.Mutex
	read     time.Time            // when the list was last read
	failures int                  // of consecutive readings
	none     bool                 // the server has no list
	lost     map[string]time.Time // when an answer about an order for these names was lost
	free     map[string][]string  // URLs of orphans by their names
	held     map[string]bool      // URLs that were read or are in use
}

// The list is read once, when the first order is created, and again only after an answer was
// lost. One reading takes at most listTime and reads at most maxOrphans orders, the last of the
// list; servers list the oldest first. An order missed by this is created twice, and the first
// one expires.
const (
	listTime   = 10 * time.Second
	maxOrphans = 1000
	listTurns  = 16 // orders that are read at once
)

func newOrphans() orphans {
	return orphans{
		reading: make(chan struct{}, 1), budget: listTime,
		lost: map[string]time.Time{}, free: map[string][]string{}, held: map[string]bool{},
	}
}

// hold marks an order as in use.
func (o *orphans) hold(url string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.none {
		o.held[url] = true
	}
}

// lose records that an order for these names may exist.
func (o *orphans) lose(key string, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost[key] = at
}

// isStale reports whether the list must be read before an order for these names is created.
func (o *orphans) isStale(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.none && (o.read.IsZero() || o.read.Before(o.lost[key]))
}

// take returns an orphan for these names and removes it.
func (o *orphans) take(key string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.lost, key)
	urls := o.free[key]
	if len(urls) == 0 {
		return "", false
	}
	if o.free[key] = urls[1:]; len(urls) == 1 {
		delete(o.free, key)
	}
	return urls[0], true
}

// release makes an order an orphan.
func (o *orphans) release(key, url string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free[key] = append(o.free[key], url)
}

// listFailures is how many failed readings delay orders.
const listFailures = 3

// file stores the result of a reading. It returns an error if the reading is to be retried
// later.
func (o *orphans) file(start time.Time, found map[string]string, err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for url, key := range found {
		if o.held[url] {
			continue
		}
		o.held[url] = true
		if key != "" {
			o.free[key] = append(o.free[key], url)
		}
	}
	if o.failures++; err != nil && o.failures < listFailures {
		if _, passes := temporaryErrorOf(err); passes {
			return err
		}
	}
	var refused *problem
	if errors.As(err, &refused) {
		o.none, o.held = true, nil
	}
	o.read, o.failures = start, 0
	return nil
}

// isKnown reports whether an order need not be read.
func (o *orphans) isKnown(url string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held[url]
}
