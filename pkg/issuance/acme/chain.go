package acme

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"

	"github.com/go-acme/lego/v4/acme/api"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// download fetches the certificate with the chain that is preferred (RFC 8555
// §7.4.2).
func (t *attempt) download(ctx context.Context) (issuance.Chain, error) {
	first, r, err := t.chain(ctx, t.order.Certificate)
	if err != nil {
		return issuance.Chain{}, err
	}
	return issuance.Chain{PEM: encode(t.preferred(ctx, first, r)), Order: t.url}, nil
}

// preferred looks among the alternates for the chain that is wanted. There is
// no failing here: what the CA gives first will do.
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
	t.config.Log.Info("the CA has no chain as preferred", "preferred", want, "order", t.url)
	return first
}

func (t *attempt) chain(ctx context.Context, url string) ([]*x509.Certificate, reply, error) {
	r, err := t.ask(ctx, asOrder, func(core *api.Core) error {
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

// top is the common name of who issued the last certificate of a chain.
func top(chain []*x509.Certificate) string { return chain[len(chain)-1].Issuer.CommonName }

// encode writes a chain without a root, which nobody sends who is to be
// believed.
func encode(chain []*x509.Certificate) []byte {
	var out bytes.Buffer
	for i, cert := range chain {
		if i > 0 && bytes.Equal(cert.RawIssuer, cert.RawSubject) {
			break
		}
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}) // a buffer takes all
	}
	return out.Bytes()
}
