package acme

import (
	"context"
	"net/http"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// finalize hands in the request for the certificate (RFC 8555 §7.4), once the
// order is journalled: from here on only the key that signed it can use the
// order.
func (t *attempt) finalize(ctx context.Context) error {
	if err := t.journal(); err != nil {
		return err
	}
	t.progress(issuance.Finalizing)
	return t.failure(asOrder, t.persist(ctx, t.config.Patience, func(doubt bool) error {
		if doubt {
			// Perhaps the CA has the request and only its answer was lost.
			if o, err := t.lookOnce(ctx, t.url); err != nil || o.Status != acme.StatusReady {
				return t.took(o, err)
			}
		}
		err := t.postCSR(ctx)
		if isLimit(err) {
			return t.failure(asOrder, err)
		}
		if hasType(err, orderNotReady) {
			if o, lookErr := t.lookOnce(ctx, t.url); lookErr != nil || o.Status != acme.StatusReady {
				return t.took(o, lookErr)
			}
		}
		return err
	}))
}

// took goes on with the order as it is.
func (t *attempt) took(o order, err error) error {
	if err == nil {
		t.order = o
	}
	return err
}

func (t *attempt) postCSR(ctx context.Context) error {
	r, err := t.do(ctx, func(core *api.Core) error {
		_, err := core.Orders.UpdateForCSR(t.order.Finalize, t.request.CSR)
		return err
	})
	if err != nil && r.status != http.StatusOK { // an order that is invalid is an error to lego
		return err
	}
	o, err := decode[order](r)
	if o.Status == acme.StatusReady {
		o.Status = acme.StatusProcessing // the server is a little behind
	}
	return t.took(o, err)
}
