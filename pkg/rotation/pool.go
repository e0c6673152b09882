package rotation

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// Pool parses the certificates of a cluster, and keeps each once that others
// may depend on: thousands of Secrets hold the same few. The zero value is
// empty and ready to use.
type Pool struct {
	cas map[[sha256.Size]byte]*x509.Certificate
}

var (
	certificateLine = []byte("CERTIFICATE-----") // ends BEGIN and END lines
	derSequence     = []byte{0x30}
)

// Read returns the certificates of a value in PEM or DER, damaged as it may
// be, and why there are some in it that nobody can read.
func (p *Pool) Read(value []byte) (certs []*x509.Certificate, unread []string) {
	if bytes.HasPrefix(value, derSequence) {
		if c := p.certificate(value); c != nil {
			certs = append(certs, c)
		}
		return certs, nil
	}
	lines := bytes.Count(value, certificateLine)
	if lines == 0 {
		return nil, nil
	}
	if certs = p.Parse(value); 2*len(certs) == lines {
		return certs, nil
	}
	bundle, err := trust.Read("", value)
	if err != nil {
		return certs, []string{"no certificate in it can be read"}
	}
	certs = nil
	for _, e := range bundle.Entries {
		certs = append(certs, p.keep(e.Cert))
	}
	for _, f := range trust.Blocking(trust.Judge(trust.Bundle{Findings: bundle.Findings}, trust.Generic, time.Time{})) {
		unread = append(unread, f.Reason)
	}
	return certs, unread
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
	return p.keep(c)
}

// keep returns a certificate, the same each time if others may depend on it.
func (p *Pool) keep(c *x509.Certificate) *x509.Certificate {
	sum := sha256.Sum256(c.Raw)
	if other, known := p.cas[sum]; known {
		return other
	}
	if c.IsCA || bytes.Equal(c.RawIssuer, c.RawSubject) { // who is trusted need not be a CA
		if p.cas == nil {
			p.cas = map[[sha256.Size]byte]*x509.Certificate{}
		}
		p.cas[sum] = c
	}
	return c
}

// Add takes in CAs that need not be in the cluster.
func (p *Pool) Add(cas ...*x509.Certificate) {
	for _, c := range cas {
		p.keep(c)
	}
}

// Find returns the certificate with a fingerprint, nil if the pool has none.
func (p *Pool) Find(pin trust.Pin) *x509.Certificate { return p.cas[pin] }

// all returns the CAs in one order.
func (p *Pool) all() []*x509.Certificate {
	return slices.SortedFunc(maps.Values(p.cas), func(a, b *x509.Certificate) int { return bytes.Compare(a.Raw, b.Raw) })
}
