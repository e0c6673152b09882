package issuance

import (
	"context"
	"errors"
	"slices"
	"time"
)

// item is an entry with its state in the engine.
type item struct {
	Entry
	decision Decision
	info     RenewalInfo
	// nextInfo is the time of the next query for renewal information.
	nextInfo time.Time
	queried  bool                    // waits for renewal information
	running  bool                    // an order is in progress
	claimed  string                  // the digest that the budget was charged for
	refund   func()                  // of that charge
	stop     context.CancelCauseFunc // cancels the order
	outcome  Kind                    // of the last decision or order, for the summary
	since    time.Time
	// missed are the entries that came during the order. oldSecrets and oldJournals are the
	// versions that it read or replaced: an entry with one of them came late.
	missed                  []Entry
	oldSecrets, oldJournals []string

	due   time.Time // wall clock
	wake  time.Time // monotonic clock, at most recheck from now
	index int       // in a queue, -1 for none
	queue *caQueue
}

// caQueue is the queue of orders of one CA.
type caQueue struct {
	gate    *Gate
	waiting queue
	running int
}

// errChanged cancels an order for a request that has changed.
var errChanged = errors.New("the request has changed")

// current replaces states of the Secret and the journal that the last order has read or replaced.
// Events of one object come in order, so that none of them follows the current one.
func (it *item) current(entry Entry) Entry {
	switch {
	case entry.Secret.Version == it.Secret.Version:
		it.oldSecrets = nil
	case slices.Contains(it.oldSecrets, entry.Secret.Version):
		entry.Secret = it.Secret
	}
	switch {
	case entry.Journal.Version == it.Journal.Version:
		it.oldJournals = nil
	case slices.Contains(it.oldJournals, entry.Journal.Version):
		entry.Journal = it.Journal
	}
	return entry
}

// urgent sorts missing certificates first, then by expiry.
func urgent(a, b *item) bool {
	if c := a.Secret.NotAfter.Compare(b.Secret.NotAfter); c != 0 {
		return c < 0
	}
	return compareRefs(a.Ref, b.Ref) < 0
}

// release ends a charge of the budget, which remains only if an order was placed.
func (it *item) release(placed bool) {
	if it.refund != nil && !placed {
		it.refund()
	}
	it.claimed, it.refund = "", nil
}

// urgentBefore reports whether a wait would take more than a third of the certificate's
// remaining time. The order is then placed, and the CA decides whether its limit is reached.
func (it *item) urgentBefore(until, now time.Time) bool {
	left := it.Secret.left(now)
	return left > 0 && until.Sub(now) > left/3
}

// same reports whether the existing certificate has the same names.
func (it *item) same() bool {
	return it.Secret.Exists && !it.Secret.Temporary && slices.Equal(it.Secret.Names, it.Demand.Names)
}

// replaces reports whether the order will name the certificate it renews and the CA will
// recognize it: the CA has sent renewal information for it.
func (it *item) replaces() bool { return it.decision.Replaces != "" && !it.info.Start.IsZero() }

// queue is a heap of items. An item is in at most one queue.
type queue struct {
	items []*item
	less  func(a, b *item) bool
}

func (q *queue) Len() int { return len(q.items) }

func (q *queue) Less(i, j int) bool { return q.less(q.items[i], q.items[j]) }

func (q *queue) Swap(i, j int) {
	q.items[i], q.items[j] = q.items[j], q.items[i]
	q.items[i].index, q.items[j].index = i, j
}

func (q *queue) Push(x any) {
	it := x.(*item)
	it.index = len(q.items)
	q.items = append(q.items, it)
}

func (q *queue) Pop() any {
	last := len(q.items) - 1
	it := q.items[last]
	q.items[last] = nil
	q.items = q.items[:last]
	it.index = -1
	return it
}

// rateLimited is the outcome of an item that is deferred by a rate limit alone.
const rateLimited Kind = "rate-limited"
