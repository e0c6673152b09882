package rotation

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

// now is the time of all tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// authority is a CA with its key, which its name makes.
type authority struct {
	*x509.Certificate
	key ed25519.PrivateKey
}

func keyOf(seed string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte(seed))
	return ed25519.NewKeyFromSeed(sum[:])
}

func caTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		SerialNumber: big.NewInt(1), NotBefore: date(2020, 1, 1), NotAfter: date(2036, 1, 1),
	}
}

func root(name string) authority {
	template := caTemplate(name)
	return authority{sign(template, template, keyOf(name), keyOf(name)), keyOf(name)}
}

// below is a CA that another signed. The same name gives the same key, so that
// a CA can be signed by two.
func (a authority) below(name string) authority {
	return authority{sign(caTemplate(name), a.Certificate, keyOf(name), a.key), keyOf(name)}
}

// renewed is the same CA with a later end.
func (a authority) renewed() authority {
	template := caTemplate(a.Subject.CommonName)
	template.NotAfter = date(2040, 1, 1)
	return authority{sign(template, template, a.key, a.key), a.key}
}

// leaf is a server's certificate, changed as a case needs it.
func (a authority) leaf(name string, change ...func(*x509.Certificate)) *x509.Certificate {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, BasicConstraintsValid: true,
		SerialNumber: big.NewInt(2), NotBefore: date(2026, 10, 1), NotAfter: date(2027, 1, 1),
	}
	for _, c := range change {
		c(template)
	}
	return sign(template, a.Certificate, keyOf("leaf "+name), a.key)
}

func sign(template, parent *x509.Certificate, key, by ed25519.PrivateKey) *x509.Certificate {
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

// The CAs of the tests.
var (
	oldRoot = root("Old Root")
	newRoot = root("New Root")
	other   = root("Other Root")
	oldMid  = oldRoot.below("Issuing 1")
	newMid  = newRoot.below("Issuing 1") // of the same key: cross-signed
	cross   = oldRoot.below("New Root")  // the new root, vouched for by the old
)

func list(certs ...any) []*x509.Certificate {
	var l []*x509.Certificate
	for _, c := range certs {
		switch c := c.(type) {
		case authority:
			l = append(l, c.Certificate)
		case *x509.Certificate:
			l = append(l, c)
		}
	}
	return l
}

// names lists the certificates of a chain.
func names(certs []*x509.Certificate) string {
	var l []string
	for _, c := range certs {
		l = append(l, c.Subject.CommonName)
	}
	return strings.Join(l, " → ")
}

func pemOf(certs ...any) []byte {
	var text []byte
	for _, c := range list(certs...) {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return text
}
