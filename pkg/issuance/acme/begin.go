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

// begin creates the order or resumes it.
func (t *attempt) begin(ctx context.Context) error {
	if t.request.Order == "" {
		return t.newOrder(ctx)
	}
	t.url, t.resumed = t.request.Order, true
	t.account.orphans.hold(t.url)
	return t.resume(ctx)
}

// resume reads the request's order. It fails as dead if the order cannot be used.
func (t *attempt) resume(ctx context.Context) error {
	if !t.account.isAtServer(t.url) {
		return dead("order %s: not an order at %s", t.url, t.account.config.Directory)
	}
	o, _, err := t.account.look(ctx, t.url)
	switch {
	case err != nil:
		return err
	case !slices.Equal(o.names(), t.names):
		return dead("order %s: the names differ: %s", t.url, clean(strings.Join(o.names(), ", ")))
	case o.isOpen() && o.isExpired(time.Now()):
		return dead("order %s: expired at %s", t.url, clean(o.Expires))
	}
	t.order = o
	return nil
}

// isAtServer reports whether the order is at this server, not at one that the issuer had
// before.
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

// newOrder creates an order without creating it twice: it adopts an order that an earlier
// process left behind or whose creation was not answered.
func (t *attempt) newOrder(ctx context.Context) error {
	replaces, internal := t.request.Replaces, 0
	err := t.account.retry(ctx, t.account.config.Unavailable, func(bool) error {
		if found, err := t.adoptOrphan(ctx); found || err != nil {
			return err
		}
		err := t.postOrder(ctx, replaces)
		if replaces != "" && refusesReplacing(err, &internal) {
			t.account.config.Log.Info("CA rejected the order as a replacement; ordering without \"replaces\"", "names", t.names, "replaces", replaces, "error", err)
			replaces = ""
			err = t.postOrder(ctx, "")
		}
		if mayBeProcessed(err) {
			t.account.orphans.lose(t.key(), time.Now())
		}
		if isLimit(err) {
			return t.account.failure(asNewOrder, err)
		}
		return err
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return issuance.AsFailure(issuance.ReasonRejected, t.account.failure(asNewOrder, err))
}

func (t *attempt) postOrder(ctx context.Context, replaces string) error {
	options := &api.OrderOptions{NotAfter: t.request.NotAfter, Profile: t.request.Profile, ReplacesCertID: replaces}
	r, err := t.account.do(ctx, func(core *api.Core) error {
		_, err := core.Orders.NewWithOptions(t.names, options)
		return err
	})
	if err != nil {
		return err
	}
	if r.location() == "" {
		return &noResponse{text: "no URL for the order in the CA's answer", sent: true}
	}
	t.order, err = decode[order](r)
	t.url = r.location()
	t.account.orphans.hold(t.url)
	return err
}

// refusesReplacing reports whether an order may have been rejected only because of the
// certificate that it replaces (RFC 9773 §5): already replaced, unknown, or of another account.
// Some servers report that as an internal error; the second such error counts.
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

// notForReplacing are problems with another cause.
var notForReplacing = []string{
	accountDoesNotExist, badNonce, externalRequired, invalidProfile, rateLimited, userActionRequired,
	"badPublicKey", "badSignatureAlgorithm", "caa", "rejectedIdentifier", "unsupportedIdentifier",
}

// adoptOrphan uses an orphan for the same names as the order, if there is one.
func (t *attempt) adoptOrphan(ctx context.Context) (bool, error) {
	if err := t.account.readOrders(ctx, t.key()); err != nil {
		return false, err
	}
	for {
		url, ok := t.account.orphans.take(t.key())
		if !ok {
			return false, nil
		}
		if t.account.config.Journalled(url) {
			continue
		}
		o, err := t.account.lookOnce(ctx, url)
		if _, passes := temporaryErrorOf(err); passes {
			t.account.orphans.release(t.key(), url)
			return false, err
		}
		if err == nil && t.fits(o) {
			t.order, t.url, t.resumed = o, url, true
			t.account.config.Log.Info("resuming an order of an earlier run", "order", url, "names", t.names)
			return true, nil
		}
	}
}

// fits reports whether an order matches the request.
func (t *attempt) fits(o order) bool {
	if !o.isOpen() || o.isExpired(time.Now().Add(time.Minute)) || !slices.Equal(o.names(), t.names) {
		return false
	}
	if t.request.Profile != "" && o.Profile != t.request.Profile || o.Replaces != "" && o.Replaces != t.request.Replaces {
		return false
	}
	ends, _ := time.Parse(time.RFC3339, o.NotAfter) // zero if not given
	return ends.Equal(t.request.NotAfter.Truncate(time.Second))
}
