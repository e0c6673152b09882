package pki

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

// fixtureKey is the one key of the tests: what it signs is the same every time.
var (
	fixtureSeed = sha256.Sum256([]byte("the fixture key of package pki"))
	fixtureKey  = ed25519.NewKeyFromSeed(fixtureSeed[:])
)

func keyPEM(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(fixtureKey)
	if err != nil {
		t.Fatal(err)
	}
	return pemBlock("PRIVATE KEY", der)
}

func pemBlock(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// issue fills in what a template leaves out and signs it with the fixture key,
// as issued by the parent; a nil parent makes it self-signed.
func issue(t testing.TB, template, parent *x509.Certificate) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(1)
	template.NotBefore = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	template.NotAfter = time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, fixtureKey.Public(), fixtureKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func root(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	return issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
	}, nil)
}

func certPEM(certs ...*x509.Certificate) string {
	var text strings.Builder
	for _, c := range certs {
		text.WriteString(pemBlock("CERTIFICATE", c.Raw))
	}
	return text.String()
}

func names(certs []*x509.Certificate) []string {
	var names []string
	for _, c := range certs {
		names = append(names, c.Subject.CommonName)
	}
	return names
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// wrapped breaks a text into lines of 76, as base64(1) does.
func wrapped(s string) string {
	var lines strings.Builder
	for len(s) > 76 {
		lines.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return lines.String() + s + "\n"
}

// mustNotLeak fails if a text holds any eight characters of the fixture key's
// seed, in hex or as its PEM has them.
func mustNotLeak(t testing.TB, text string) {
	t.Helper()
	body := strings.Split(keyPEM(t), "\n")[1]
	for _, secret := range []string{body[len(body)-42:], hex.EncodeToString(fixtureSeed[:])} {
		for i := range len(secret) - 7 {
			if strings.Contains(text, secret[i:i+8]) {
				t.Fatalf("holds bytes of the private key: %s", text)
			}
		}
	}
}
