package rotation

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// Pool parses the certificates of a cluster, and keeps each once that others
// may depend on: thousands of Secrets hold the same few. The zero value is
// empty and ready to use.
type Pool struct {
	cas map[[sha256.Size]byte]*x509.Certificate
}

// Parse returns the certificates that Go finds in a PEM text. Blocks of any
// other kind, private keys among them, are passed over.
func (p *Pool) Parse(text []byte) []*x509.Certificate {
	var certs []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
			continue
		}
		if c := p.certificate(block.Bytes); c != nil {
			certs = append(certs, c)
		}
	}
	return certs
}

func (p *Pool) certificate(der []byte) *x509.Certificate {
	sum := sha256.Sum256(der)
	if c, known := p.cas[sum]; known {
		return c
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	if c.IsCA || bytes.Equal(c.RawIssuer, c.RawSubject) { // who is trusted need not be a CA
		if p.cas == nil {
			p.cas = map[[sha256.Size]byte]*x509.Certificate{}
		}
		p.cas[sum] = c
	}
	return c
}

// Find returns the certificate with a fingerprint, nil if the pool has none.
func (p *Pool) Find(pin trust.Pin) *x509.Certificate { return p.cas[pin] }

// all returns the CAs in one order.
func (p *Pool) all() []*x509.Certificate {
	return slices.SortedFunc(maps.Values(p.cas), func(a, b *x509.Certificate) int { return bytes.Compare(a.Raw, b.Raw) })
}
