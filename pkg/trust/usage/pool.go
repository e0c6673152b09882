package usage

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Pool parses the certificates of a cluster. It keeps one copy of each possible
// CA, because thousands of Secrets hold the same few. The zero value is empty
// and ready to use.
type Pool struct {
	cas map[[sha256.Size]byte]*x509.Certificate
	// The same by subject and by subject key ID.
	byName, byKey map[string][]*x509.Certificate
}

// Read returns the certificates of a value in PEM or DER, which may be damaged.
// Unread has a reason for each well-formed certificate that Go cannot parse but
// a server may still send.
func (p *Pool) Read(value []byte) (certs []*x509.Certificate, unread []string) {
	lines := bytes.Count(value, certificateLine)
	switch {
	case lines == 0 && bytes.HasPrefix(value, derSequence):
		c, err := p.certificate(value)
		return justOne(c), unreadLeaf(value, err)
	case lines == 0:
		return nil, nil
	}
	if certs, unread = p.parsePEM(value); 2*(len(certs)+len(unread)) == lines {
		return certs, unread
	}
	bundle, err := cabundle.Read("", value)
	if err != nil {
		return certs, unread
	}
	certs = nil
	for _, e := range bundle.Entries {
		certs = append(certs, p.keep(e.Cert))
	}
	return certs, unread
}

var (
	certificateLine = []byte("CERTIFICATE-----") // ends BEGIN and END lines
	derSequence     = []byte{0x30}
)

func justOne(c *x509.Certificate) []*x509.Certificate {
	if c == nil {
		return nil
	}
	return []*x509.Certificate{c}
}

// Parse returns the certificates that Go finds in PEM. It skips other blocks,
// including private keys.
func (p *Pool) Parse(text []byte) []*x509.Certificate {
	certs, _ := p.parsePEM(text)
	return certs
}

func (p *Pool) parsePEM(text []byte) (certs []*x509.Certificate, unread []string) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		der := block.Bytes
		switch {
		case len(block.Headers) > 0:
			continue
		case block.Type == trustedType: // a certificate, followed by OpenSSL's trust settings
			var first asn1.RawValue
			if _, err := asn1.Unmarshal(der, &first); err == nil {
				der = first.FullBytes
			}
		case block.Type != "CERTIFICATE":
			continue
		}
		c, err := p.certificate(der)
		certs, unread = append(certs, justOne(c)...), append(unread, unreadLeaf(der, err)...)
	}
	return certs, unread
}

// trustedType is OpenSSL's own form. Servers that use OpenSSL accept it.
const trustedType = "TRUSTED CERTIFICATE"

// unreadLeaf returns the reason why Go cannot parse a certificate. It returns
// none for a CA, which no server serves, and for data that is not a certificate
// at all, which no server loads.
func unreadLeaf(der []byte, err error) []string {
	if err == nil {
		return nil
	}
	var shape struct{ TBS, Algorithm, Signature asn1.RawValue }
	rest, bad := asn1.Unmarshal(der, &shape)
	if bad != nil || len(rest) > 0 || shape.TBS.Tag != asn1.TagSequence || shape.Signature.Tag != asn1.TagBitString || hasCAFlag(der) {
		return nil
	}
	return []string{"cannot parse a certificate in it: " + strings.TrimPrefix(err.Error(), "x509: ")}
}

// hasCAFlag reads basicConstraints from a certificate that cannot be parsed
// (RFC 5280, 4.2.1.9).
func hasCAFlag(der []byte) bool {
	yes := []byte{0x01, 0x01, 0xff}
	_, rest, found := bytes.Cut(der, []byte{0x06, 0x03, 0x55, 0x1d, 0x13})
	rest = bytes.TrimPrefix(rest, yes) // critical
	return found && len(rest) > 4 && rest[0] == 0x04 && rest[2] == 0x30 && bytes.HasPrefix(rest[4:], yes)
}

func (p *Pool) certificate(der []byte) (*x509.Certificate, error) {
	sum := sha256.Sum256(der)
	if c, known := p.cas[sum]; known {
		return c, nil
	}
	c, err := x509.ParseCertificate(der)
	if err == nil {
		p.addCA(sum, c)
	}
	return c, err
}

// keep returns the pool's copy of a certificate, which it adds for a possible
// CA.
func (p *Pool) keep(c *x509.Certificate) *x509.Certificate {
	sum := sha256.Sum256(c.Raw)
	if other, known := p.cas[sum]; known {
		return other
	}
	p.addCA(sum, c)
	return c
}

// addCA keeps a certificate that may have issued others.
func (p *Pool) addCA(sum [sha256.Size]byte, c *x509.Certificate) {
	if !c.IsCA && !bytes.Equal(c.RawIssuer, c.RawSubject) { // a trust anchor need not be a CA
		return
	}
	if p.cas == nil {
		p.cas = map[[sha256.Size]byte]*x509.Certificate{}
	}
	p.cas[sum] = c
	p.byName = nil // issuers rebuilds it
}

// Add adds CAs that need not be in the cluster.
func (p *Pool) Add(cas ...*x509.Certificate) {
	for _, c := range cas {
		p.keep(c)
	}
}

// Find returns the certificate with a fingerprint, or nil.
func (p *Pool) Find(pin cabundle.Pin) *x509.Certificate { return p.cas[pin] }

// Missing returns the fingerprints without a certificate in the pool.
func (p *Pool) Missing(pins []cabundle.Pin) []cabundle.Pin {
	var missing []cabundle.Pin
	for _, pin := range pins {
		if p.Find(pin) == nil {
			missing = append(missing, pin)
		}
	}
	return missing
}

// issuers returns the CAs that may have issued a certificate, in a stable order.
func (p *Pool) issuers(c *x509.Certificate) []*x509.Certificate {
	if p == nil {
		return nil
	}
	if p.byName == nil {
		p.index()
	}
	return pki.Union(p.byName[string(c.RawIssuer)], p.byKey[string(c.AuthorityKeyId)])
}

func (p *Pool) index() {
	p.byName, p.byKey = map[string][]*x509.Certificate{}, map[string][]*x509.Certificate{}
	for _, ca := range slices.SortedFunc(maps.Values(p.cas), func(a, b *x509.Certificate) int { return bytes.Compare(a.Raw, b.Raw) }) {
		name, key := string(ca.RawSubject), string(ca.SubjectKeyId)
		p.byName[name] = append(p.byName[name], ca)
		if key != "" {
			p.byKey[key] = append(p.byKey[key], ca)
		}
	}
}
