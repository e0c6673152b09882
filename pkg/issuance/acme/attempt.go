package acme

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/acme"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// attempt carries one order through.
type attempt struct {
	*Account
	request issuance.Request
	names   []string // as they are ordered
	order   order
	url     string
	resumed bool

	journal  func() error // waits until the order is journalled
	cleaning sync.WaitGroup
	outer    context.Context // the caller's, which a failure does not end
}

// key is how orphans are filed.
func (t *attempt) key() string { return strings.Join(t.names, ",") }

func (t *attempt) progress(s issuance.State) {
	if t.request.Progress != nil {
		t.request.Progress(s)
	}
}

// await looks at the order until its status is another.
func (t *attempt) await(ctx context.Context, what string, status string) error {
	start, asked := time.Now(), time.Duration(0)
	for n := 0; t.order.Status == status; n++ {
		wait := pause(n, asked)
		if late := time.Since(start) + wait; late > t.config.Patience {
			f := overdue(t.url, what, late)
			f.RetryAt = time.Now().Add(wait)
			return f
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		o, r, err := t.look(ctx, t.url)
		if err != nil {
			return err
		}
		t.order, asked = o, r.retryAfter()
		if n >= looksAtOrder && status == acme.StatusPending && t.anyFailed(ctx) {
			t.order.Status = acme.StatusInvalid
		}
	}
	return nil
}

// looksAtOrder is how often only the order is looked at, for that takes one
// request whatever the number of names. After that its authorizations are too:
// there are servers that leave an order pending of which one has failed.
const looksAtOrder = 6

// anyFailed tells whether an authorization of a pending order has failed.
func (t *attempt) anyFailed(ctx context.Context) bool {
	all, err := t.authzs(ctx, t.order.Authorizations)
	if err != nil {
		return false
	}
	for _, z := range all {
		if z.Status != acme.StatusPending && z.Status != acme.StatusValid {
			return true
		}
	}
	return false
}

// overdue is an order that does not come to an end.
func overdue(order, what string, since time.Duration) *issuance.Failure {
	return issuance.Failuref(issuance.ReasonUnavailable, "order %s: the CA %s for %s", order, what, since.Round(time.Second))
}

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
