package usage

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Holder is a Secret or ConfigMap with certificates in it.
type Holder struct {
	Ref Ref
	// Keyed is true if it also holds a private key, so that it can be used to
	// serve or sign.
	Keyed bool
	// Issuer is the issuer in cert-manager's annotations: a Ref of kind Issuer
	// or ClusterIssuer; the zero value if there are none.
	Issuer Ref
	// Changed is the latest time at which its values were written; the zero
	// value if it is unknown.
	Changed time.Time
	Values  []Value // those with certificates, sorted by key
	// Own are CAs under other keys than tls.crt and ca.crt, with their private
	// key beside them. They are there to sign, not to be trusted.
	Own []*x509.Certificate
	// Unread are values that seem to hold a certificate to serve or sign with
	// but cannot be parsed.
	Unread []Unread
}

// Unread is a value that cannot be parsed, and the reason.
type Unread struct{ Key, Why string }

// Value holds the certificates under one key.
type Value struct {
	Key   string
	Certs []*x509.Certificate
}

// tlsKey is, with cabundle.CAKey, a key that Kubernetes and cert-manager use in
// Secrets of any type.
const tlsKey = "tls.crt"

// chains returns the chains that a server with this value would send: one for
// each certificate that serves or signs. Values that hold trusted CAs have no
// chains.
func (h Holder) chains(v Value) []Chain {
	if h.Ref.Kind != "Secret" || v.Key == cabundle.CAKey {
		return nil
	}
	var chains []Chain
	for i, c := range v.Certs {
		if cabundle.KindOf(c) == cabundle.Leaf || pki.Contains(h.Own, c) {
			chains = append(chains, h.chain(v, i))
		}
	}
	if len(chains) == 0 && h.Keyed && v.Key == tlsKey {
		chains = append(chains, h.chain(v, 0))
	}
	return chains
}

func (h Holder) chain(v Value, leaf int) Chain {
	c := Chain{Leaf: v.Certs[leaf], Sent: slices.Delete(slices.Clone(v.Certs), leaf, leaf+1)}
	for _, other := range h.Values {
		if other.Key != v.Key {
			c.Beside = append(c.Beside, other.Certs...)
		}
	}
	return c
}

// IsUsualKey reports whether the name of a Secret's key shows what its certificates
// are for.
func IsUsualKey(key string) bool { return key == tlsKey || key == cabundle.CAKey }
