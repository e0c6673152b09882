package catest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"time"
)

// Authority is a CA with its key, which its name makes.
type Authority struct {
	*x509.Certificate
	Key ed25519.PrivateKey
}

// KeyOf returns the same key for the same text.
func KeyOf(seed string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte(seed))
	return ed25519.NewKeyFromSeed(sum[:])
}

// Template returns a CA from 2020 to 2036, to be signed.
func Template(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		SerialNumber: big.NewInt(1), NotBefore: Date(2020, 1, 1), NotAfter: Date(2036, 1, 1),
	}
}

// Root returns a self-signed CA.
func Root(name string) Authority {
	template := Template(name)
	return Authority{Sign(template, template, KeyOf(name), KeyOf(name)), KeyOf(name)}
}

// Below returns a CA that another signed. The same name gives the same key, so
// that a CA can be signed by two.
func (a Authority) Below(name string) Authority {
	return Authority{Sign(Template(name), a.Certificate, KeyOf(name), a.Key), KeyOf(name)}
}

// Renewed returns the same CA with a later end.
func (a Authority) Renewed() Authority {
	template := Template(a.Subject.CommonName)
	template.NotAfter = Date(2040, 1, 1)
	return Authority{Sign(template, template, a.Key, a.Key), a.Key}
}

// Leaf returns a server's certificate from October 2026 to the end of that year,
// changed as a case needs it.
func (a Authority) Leaf(name string, change ...func(*x509.Certificate)) *x509.Certificate {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, BasicConstraintsValid: true,
		SerialNumber: big.NewInt(2), NotBefore: Date(2026, 10, 1), NotAfter: Date(2027, 1, 1),
	}
	for _, c := range change {
		c(template)
	}
	return Sign(template, a.Certificate, KeyOf("leaf "+name), a.Key)
}

// Sign returns a certificate with a key, signed by that of its parent.
func Sign(template, parent *x509.Certificate, key, by ed25519.PrivateKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return cert
}

// Date returns the beginning of a day.
func Date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// List returns the certificates of some Authorities and certificates.
func List(certs ...any) []*x509.Certificate {
	var l []*x509.Certificate
	for _, c := range certs {
		switch c := c.(type) {
		case Authority:
			l = append(l, c.Certificate)
		case *x509.Certificate:
			l = append(l, c)
		}
	}
	return l
}

// Names lists the certificates of a chain.
func Names(certs []*x509.Certificate) string {
	var l []string
	for _, c := range certs {
		l = append(l, c.Subject.CommonName)
	}
	return strings.Join(l, " → ")
}

// PEM returns certificates in PEM.
func PEM(certs ...any) []byte {
	var text []byte
	for _, c := range List(certs...) {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return text
}

// Any returns certificates as List and PEM take them.
func Any(certs []*x509.Certificate) []any {
	list := make([]any, len(certs))
	for i, c := range certs {
		list[i] = c
	}
	return list
}
