package acme

import (
	"context"
	"slices"
	"time"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// order is an order (RFC 8555 §7.1.3).
type order struct {
	acme.Order
	Error *problem `json:"error"`
}

// canonical returns names in the form of CAs, sorted, without duplicates.
func canonical(names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		all = append(all, issuance.CanonicalName(name))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 || all[0] == "" {
		return nil, issuance.Failuref(issuance.ReasonRejected, "order: no names")
	}
	return all, nil
}

// names returns the order's names in canonical form.
func (o order) names() []string {
	var all []string
	for _, id := range o.Identifiers {
		all = append(all, issuance.CanonicalName(id.Value))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isOpen reports whether a certificate can still be obtained from the order with any key.
func (o order) isOpen() bool {
	return o.Status == acme.StatusPending || o.Status == acme.StatusReady
}

func (o order) isExpired(now time.Time) bool {
	expires, err := time.Parse(time.RFC3339, o.Expires)
	return err == nil && expires.Before(now)
}

// look reads an order and retries while the server is unavailable.
func (a *Account) look(ctx context.Context, url string) (order, reply, error) {
	r, err := a.ask(ctx, asOrder, func(core *api.Core) error {
		_, err := core.Orders.Get(url)
		return err
	})
	if err != nil {
		return order{}, r, err
	}
	o, err := decode[order](r)
	return o, r, err
}

// lookOnce reads an order without retries.
func (a *Account) lookOnce(ctx context.Context, url string) (order, error) {
	r, err := a.do(ctx, func(core *api.Core) error {
		_, err := core.Orders.Get(url)
		return err
	})
	if err != nil {
		return order{}, err
	}
	return decode[order](r)
}
