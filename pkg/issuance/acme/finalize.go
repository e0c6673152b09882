package acme

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"net/http"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// finalize submits the CSR (RFC 8555 §7.4) after the order is journalled: from now on only the
// key that signed the CSR can use the order.
func (t *attempt) finalize(ctx context.Context) error {
	if err := t.journal(); err != nil {
		return err
	}
	t.progress(issuance.Finalizing)
	return t.account.failure(asOrder, t.account.retry(ctx, t.account.config.Unavailable, func(maybeDone bool) error {
		if maybeDone {
			// The CA may have received the CSR although its answer was lost.
			if o, err := t.account.lookOnce(ctx, t.url); err != nil || o.Status != acme.StatusReady {
				return t.took(o, err)
			}
		}
		err := t.postCSR(ctx)
		if isLimit(err) {
			return t.account.failure(asOrder, err)
		}
		if hasType(err, orderNotReady) {
			if o, lookErr := t.account.lookOnce(ctx, t.url); lookErr != nil || o.Status != acme.StatusReady {
				return t.took(o, lookErr)
			}
		}
		return err
	}))
}

// took stores the order's new state.
func (t *attempt) took(o order, err error) error {
	if err == nil {
		t.order = o
	}
	return err
}

func (t *attempt) postCSR(ctx context.Context) error {
	r, err := t.account.do(ctx, func(core *api.Core) error {
		_, err := core.Orders.UpdateForCSR(t.order.Finalize, t.request.CSR)
		return err
	})
	if err != nil && r.status != http.StatusOK { // lego returns an error for an invalid order
		return err
	}
	o, err := decode[order](r)
	if o.Status == acme.StatusReady {
		o.Status = acme.StatusProcessing // the server's answer is slightly out of date
	}
	return t.took(o, err)
}

// download fetches the certificate with the preferred chain (RFC 8555 §7.4.2).
func (t *attempt) download(ctx context.Context) (issuance.Chain, error) {
	first, r, err := t.chain(ctx, t.order.Certificate)
	if err != nil {
		return issuance.Chain{}, err
	}
	return issuance.Chain{PEM: encode(t.preferred(ctx, first, r)), Order: t.url}, nil
}

// preferred returns the alternate chain that the request prefers. It never fails: the default
// chain is always acceptable.
func (t *attempt) preferred(ctx context.Context, first []*x509.Certificate, r reply) []*x509.Certificate {
	want := t.request.PreferredChain
	if want == "" || top(first) == want {
		return first
	}
	for _, url := range r.links("alternate", t.order.Certificate) {
		other, _, err := t.chain(ctx, url)
		if err == nil && top(other) == want {
			return other
		}
	}
	t.account.config.Log.Info("CA does not offer the preferred chain", "preferred", want, "order", t.url)
	return first
}

func (t *attempt) chain(ctx context.Context, url string) ([]*x509.Certificate, reply, error) {
	r, err := t.account.ask(ctx, asOrder, func(core *api.Core) error {
		_, _, err := core.Certificates.Get(url, true)
		return err
	})
	if err != nil {
		return nil, r, err
	}
	certs, err := pki.Parse(r.body)
	if err != nil {
		return nil, r, &issuance.Failure{Reason: issuance.ReasonChain, Detail: "certificate " + url + ": " + err.Error(), Dead: true, Err: err}
	}
	return certs, r, nil
}

// top returns the issuer's common name of the last certificate of a chain.
func top(chain []*x509.Certificate) string { return chain[len(chain)-1].Issuer.CommonName }

// encode returns a chain as PEM without the root: clients already have it.
func encode(chain []*x509.Certificate) []byte {
	var out bytes.Buffer
	for i, cert := range chain {
		if i > 0 && bytes.Equal(cert.RawIssuer, cert.RawSubject) {
			break
		}
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}) // a buffer does not fail
	}
	return out.Bytes()
}
