package rotation

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
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
}

// Value is the certificates under one key.
type Value struct {
	Key   string
	Certs []*x509.Certificate
}

// The keys that Kubernetes and cert-manager give their Secrets, of whatever type.
const (
	tlsKey = "tls.crt"
	caKey  = "ca.crt"
)

// chain returns what a server would send that is given a value, and false for
// values that are there to be trusted.
func (h Holder) chain(v Value) (Chain, bool) {
	leaf := slices.IndexFunc(v.Certs, func(c *x509.Certificate) bool { return trust.KindOf(c) == trust.Leaf })
	serves := h.Ref.Kind == "Secret" && v.Key != caKey && (leaf >= 0 || h.Keyed && v.Key == tlsKey)
	if !serves {
		return Chain{}, false
	}
	leaf = max(leaf, 0)
	c := Chain{Leaf: v.Certs[leaf], Sent: slices.Delete(slices.Clone(v.Certs), leaf, leaf+1)}
	for _, other := range h.Values {
		if other.Key != v.Key {
			c.Beside = append(c.Beside, other.Certs...)
		}
	}
	return c, true
}
