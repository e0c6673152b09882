package acme

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/acme"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// attempt processes one order.
type attempt struct {
	account *Account
	request issuance.Request
	names   []string // in canonical form
	order   order
	url     string
	resumed bool

	journal  func() error // waits until the order is journalled
	cleaning sync.WaitGroup
	caller   context.Context // the caller's, which a failure does not cancel
}

// key identifies the order's names among the orphans.
func (t *attempt) key() string { return strings.Join(t.names, ",") }

func (t *attempt) progress(s issuance.State) {
	if t.request.Progress != nil {
		t.request.Progress(s)
	}
}

// await polls the order until its status changes.
func (t *attempt) await(ctx context.Context, what string, status string) error {
	pace := &t.account.validating
	if status == acme.StatusProcessing {
		pace = &t.account.processing
	}
	first := pace.first()
	start, retryAfter := time.Now(), time.Duration(0)
	for n := 0; t.order.Status == status; n++ {
		wait := pause(n, first, retryAfter)
		if late := time.Since(start) + wait; late > t.account.config.Patience {
			f := overdue(t.url, what, late)
			f.RetryAt = time.Now().Add(wait)
			return f
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		o, r, err := t.account.look(ctx, t.url)
		if err != nil {
			return err
		}
		t.order, retryAfter = o, r.retryAfter()
		if n == 0 {
			pace.learn(first, o.Status != status)
		}
		if n >= maxOrderPolls && status == acme.StatusPending && t.anyFailed(ctx) {
			t.order.Status = acme.StatusInvalid
		}
	}
	return nil
}

// maxOrderPolls is how many polls read only the order, which takes one request for any number of
// names. After that the authorizations are read too: some servers leave an order pending
// although an authorization has failed.
const maxOrderPolls = 6

// anyFailed reports whether an authorization of a pending order has failed.
func (t *attempt) anyFailed(ctx context.Context) bool {
	all, err := t.account.authzs(ctx, t.order.Authorizations)
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

// overdue is the failure of an order that does not finish.
func overdue(order, what string, since time.Duration) *issuance.Failure {
	return issuance.Failuref(issuance.ReasonUnavailable, "order %s: the CA %s for %s", order, what, since.Round(time.Second))
}
