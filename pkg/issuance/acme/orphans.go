package acme

import (
	"errors"
	"sync"
	"time"
)

// orphans are the orders of the account that nobody goes on with: an earlier
// process ended, or an answer was lost, between the making of an order and the
// keeping of its URL. They are found in the list of orders (RFC 8555 §7.1.2.1),
// if the server has one; Let's Encrypt has none, and gives the same pending
// order again.
type orphans struct {
	reading chan struct{} // held by whoever reads the list
	budget  time.Duration // of one reading

	mu       sync.Mutex
	read     time.Time            // when the list was last begun to be read
	failures int                  // to read it, in a row
	none     bool                 // the server has no list
	lost     map[string]time.Time // when an answer about an order for these names was lost
	free     map[string][]string  // URLs of orphans by their names
	held     map[string]bool      // URLs that were looked at, or are in hand
}

// The list is read once, when the first order is made, and again only after an
// answer was lost. One reading takes at most listTime and looks at no more than
// maxOrphans orders, those that come last in the list; servers list the oldest
// first. An order that is missed so is made twice, and the first one expires.
const (
	listTime   = 10 * time.Second
	maxOrphans = 1000
	listTurns  = 16 // orders that are looked at at once
)

func newOrphans() orphans {
	return orphans{
		reading: make(chan struct{}, 1), budget: listTime,
		lost: map[string]time.Time{}, free: map[string][]string{}, held: map[string]bool{},
	}
}

// hold keeps an order from being taken for an orphan.
func (o *orphans) hold(url string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.none {
		o.held[url] = true
	}
}

// lose says that an order for these names may have been made.
func (o *orphans) lose(key string, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost[key] = at
}

// isStale tells whether the list has to be read to know about these names.
func (o *orphans) isStale(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.none && (o.read.IsZero() || o.read.Before(o.lost[key]))
}

// take hands out an orphan for these names, each once.
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

// release makes an orphan of an order.
func (o *orphans) release(key, url string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free[key] = append(o.free[key], url)
}

// listFailures is how often trouble of the server keeps orders waiting for the
// list.
const listFailures = 3

// file keeps what a reading found. It returns trouble that is to be waited out
// before the list is read again.
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
		if _, passes := troubleOf(err); passes {
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

// isKnown tells whether there is no need to look at an order.
func (o *orphans) isKnown(url string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held[url]
}
