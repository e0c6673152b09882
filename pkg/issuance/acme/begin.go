package acme

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// begin makes the order or finds it.
func (t *attempt) begin(ctx context.Context) error {
	if t.request.Order == "" {
		return t.newOrder(ctx)
	}
	t.url, t.resumed = t.request.Order, true
	t.orphans.hold(t.url)
	return t.resume(ctx)
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

// newOrder makes the order, and not twice: one that an earlier process left
// behind is taken instead, and so is one whose making was not answered.
func (t *attempt) newOrder(ctx context.Context) error {
	replaces, internal := t.request.Replaces, 0
	err := t.persist(ctx, t.config.Patience, func(bool) error {
		if found, err := t.adoptOrphan(ctx); found || err != nil {
			return err
		}
		err := t.postOrder(ctx, replaces)
		if replaces != "" && refusesReplacing(err, &internal) {
			t.config.Log.Info("the CA takes no order as a replacement; it is made without", "names", t.names, "replaces", replaces, "error", err)
			replaces = ""
			err = t.postOrder(ctx, "")
		}
		if isDoubt(err) {
			t.orphans.lose(t.key(), time.Now())
		}
		if isLimit(err) {
			return t.failure(asNewOrder, err)
		}
		return err
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return issuance.AsFailure(issuance.ReasonRejected, t.failure(asNewOrder, err))
}

func (t *attempt) postOrder(ctx context.Context, replaces string) error {
	options := &api.OrderOptions{NotAfter: t.request.NotAfter, Profile: t.request.Profile, ReplacesCertID: replaces}
	r, err := t.do(ctx, func(core *api.Core) error {
		_, err := core.Orders.NewWithOptions(t.names, options)
		return err
	})
	if err != nil {
		return err
	}
	if r.location() == "" {
		return &silence{text: "the CA gives no URL for the order", sent: true}
	}
	t.order, err = decode[order](r)
	t.url = r.location()
	t.orphans.hold(t.url)
	return err
}

// refusesReplacing tells whether an order may be refused for no more than the
// certificate that it says it replaces (RFC 9773 §5): replaced already, unknown,
// of another account. Some servers call that an internal error; the second one
// is believed.
func refusesReplacing(err error, internal *int) bool {
	var p *problem
	if !errors.As(err, &p) {
		return false
	}
	if p.status >= http.StatusInternalServerError {
		if p.kind() == serverInternal {
			*internal++
		}
		return *internal > 1
	}
	return p.status != http.StatusTooManyRequests && !slices.Contains(notForReplacing, p.kind())
}

// notForReplacing are the problems that are about something else.
var notForReplacing = []string{
	accountDoesNotExist, badNonce, externalRequired, invalidProfile, rateLimited, userActionRequired,
	"badPublicKey", "badSignatureAlgorithm", "caa", "rejectedIdentifier", "unsupportedIdentifier",
}

// adoptOrphan makes an orphan for the same names the order, if there is one.
func (t *attempt) adoptOrphan(ctx context.Context) (bool, error) {
	if err := t.readOrders(ctx, t.key()); err != nil {
		return false, err
	}
	for {
		url, ok := t.orphans.take(t.key())
		if !ok {
			return false, nil
		}
		if t.config.Journalled(url) {
			continue
		}
		o, err := t.lookOnce(ctx, url)
		if _, passes := troubleOf(err); passes {
			t.orphans.release(t.key(), url)
			return false, err
		}
		if err == nil && t.fits(o) {
			t.order, t.url, t.resumed = o, url, true
			t.config.Log.Info("an order that was left behind is taken up", "order", url, "names", t.names)
			return true, nil
		}
	}
}

// fits tells whether an order is what would be ordered.
func (t *attempt) fits(o order) bool {
	if !o.isOpen() || o.isExpired(time.Now().Add(time.Minute)) || !slices.Equal(o.names(), t.names) {
		return false
	}
	if t.request.Profile != "" && o.Profile != t.request.Profile || o.Replaces != "" && o.Replaces != t.request.Replaces {
		return false
	}
	ends, _ := time.Parse(time.RFC3339, o.NotAfter) // zero if it is not given
	return ends.Equal(t.request.NotAfter.Truncate(time.Second))
}
