package issuance

import (
	"context"
	"slices"
	"time"
)

// item is an entry and what is known besides.
type item struct {
	Entry
	decision Decision
	info     RenewalInfo
	// nextInfo is when renewal information is to be asked for again.
	nextInfo time.Time
	asked    bool                    // waits for renewal information
	running  bool                    // an order is under way
	claimed  string                  // the digest for which the budget was charged
	stop     context.CancelCauseFunc // ends the order under way
	outcome  Kind                    // of the last decision or order, for the summary
	since    time.Time

	due   time.Time // by the wall clock
	wake  time.Time // by the monotonic clock, no later than recheck
	index int       // in a queue, -1 for none
	lane  *caQueue
}

// caQueue holds the orders of one CA.
type caQueue struct {
	gate    *Gate
	waiting queue
	running int
}

// urgent puts first what is missing, then what expires first.
func urgent(a, b *item) bool {
	if c := a.Have.NotAfter.Compare(b.Have.NotAfter); c != 0 {
		return c < 0
	}
	return compareRefs(a.Ref, b.Ref) < 0
}

// urgentBefore reports whether a wait would take more than a third of the time
// that the certificate has left. Then the CA decides whether its limit is used
// up, not our count.
func (it *item) urgentBefore(until, now time.Time) bool {
	left := it.Have.left(now)
	return left > 0 && until.Sub(now) > left/3
}

// same reports whether the names were certified before.
func (it *item) same() bool {
	return it.Have.Exists && !it.Have.Temporary && slices.Equal(it.Have.Names, it.Demand.Names)
}

// replaces reports whether the order will say which certificate it renews, and
// the CA will know it: it gave renewal information about it.
func (it *item) replaces() bool { return it.decision.Replaces != "" && !it.info.Start.IsZero() }

// queue is a heap of items, each in one queue at most.
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
