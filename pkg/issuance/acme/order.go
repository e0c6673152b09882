package acme

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// order is an order as the server has it (RFC 8555 §7.1.3).
type order struct {
	acme.Order
	Error *problem `json:"error"`
}

// canonical are names as CAs write them, each once.
func canonical(names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		all = append(all, canonicalName(name))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 || all[0] == "" {
		return nil, issuance.Failuref(issuance.ReasonRejected, "order: no name given")
	}
	return all, nil
}

func canonicalName(name string) string {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// names are those of the order, to be compared with what was ordered.
func (o order) names() []string {
	var all []string
	for _, id := range o.Identifiers {
		all = append(all, canonicalName(id.Value))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isOpen tells whether the order can still be had a certificate for by a key
// that it has never seen.
func (o order) isOpen() bool {
	return o.Status == acme.StatusPending || o.Status == acme.StatusReady
}

func (o order) isExpired(now time.Time) bool {
	expires, err := time.Parse(time.RFC3339, o.Expires)
	return err == nil && expires.Before(now)
}

// look reads an order.
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

// resume reads the order that the request names, and fails as dead where there
// is nothing to be had from it.
func (t *attempt) resume(ctx context.Context) error {
	if !t.isAtServer(t.url) {
		return dead("order %s: is not of %s", t.url, t.config.Directory)
	}
	o, _, err := t.look(ctx, t.url)
	switch {
	case err != nil:
		return err
	case !slices.Equal(o.names(), t.names):
		return dead("order %s: is for %s", t.url, clean(strings.Join(o.names(), ", ")))
	case o.isOpen() && o.isExpired(time.Now()):
		return dead("order %s: expired at %s", t.url, clean(o.Expires))
	}
	t.order = o
	return nil
}

// isAtServer keeps an order of another server, from before the issuer was
// changed, from being asked for here or there.
func (a *Account) isAtServer(order string) bool {
	u, err := url.Parse(order)
	ours, ourErr := url.Parse(a.directory.parsed().NewOrderURL)
	return err == nil && ourErr == nil && u.Scheme == "https" && u.Host == ours.Host
}

func dead(format string, args ...any) error {
	f := issuance.Failuref(issuance.ReasonRejected, format, args...)
	f.Dead = true
	return f
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
