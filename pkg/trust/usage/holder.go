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
	// Keyed is true if it holds a private key too, so that somebody can serve
	// or sign with it.
	Keyed bool
	// Issuer is who made the certificate, as cert-manager notes it: a Ref of
	// kind Issuer or ClusterIssuer; the zero value if nobody does.
	Issuer Ref
	// Changed is when its values were written last, at the latest; the zero
	// value if that is not known.
	Changed time.Time
	Values  []Value // those with certificates, sorted by key
	// Own are CAs under keys of other names than usual whose private key it
	// holds too: it has them to sign, not to trust them.
	Own []*x509.Certificate
	// Unread are values that seem to hold a certificate to serve or sign with,
	// and cannot be read.
	Unread []Unread
}

// Unread is a value that cannot be read, and why.
type Unread struct{ Key, Why string }

// Value is the certificates under one key.
type Value struct {
	Key   string
	Certs []*x509.Certificate
}

// tlsKey and cabundle.CAKey are the keys that Kubernetes and cert-manager give
// their Secrets, of whatever type.
const tlsKey = "tls.crt"

// chains returns what a server would send that is given a value: a chain for
// each certificate to serve or sign with. There is none in values that are
// there to be trusted.
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

// Usual reports whether a key of a Secret says by its name what its
// certificates are for.
func Usual(key string) bool { return key == tlsKey || key == cabundle.CAKey }
