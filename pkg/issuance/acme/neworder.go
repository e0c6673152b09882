package acme

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

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

// isDoubt tells whether a request may have done its work though it failed. The
// end of a context may come at any time.
func isDoubt(err error) bool {
	trouble, _ := troubleOf(err)
	return trouble.sent || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
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
