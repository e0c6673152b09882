package pki

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Fingerprint returns the SHA-256 fingerprint in lower-case hex, with colons.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":")
}

// Summary describes a certificate in one line, for example
//
//	CN=Corp Root 2026, CA, self-signed, RSA 4096, 2026-01-01 to 2036-01-01, sha256 9f:1c:…
//
// It includes the issuer if the certificate is not self-signed, and the
// alternative names before the key. A name with commas, quotes or control
// characters is a Go string, so that it cannot imitate another field or line.
func Summary(c *x509.Certificate) string {
	fields := []string{Name(c.Subject)}
	if c.BasicConstraintsValid && c.IsCA {
		fields = append(fields, "CA")
	}
	if SelfSigned(c) {
		fields = append(fields, "self-signed")
	} else {
		fields = append(fields, "issued by "+Name(c.Issuer))
	}
	fields = append(fields, alternativeNames(c)...)
	fields = append(fields, Key(c),
		date(c.NotBefore)+" to "+date(c.NotAfter),
		"sha256 "+Fingerprint(c))
	return strings.Join(fields, ", ")
}

// Identity identifies a certificate by subject, expiry and fingerprint:
//
//	CN=Corp Root 2026, until 2036-01-01, sha256 9f:1c:…
func Identity(c *x509.Certificate) string {
	return fmt.Sprintf("%s, until %s, sha256 %s", Name(c.Subject), date(c.NotAfter), Fingerprint(c))
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Key returns the kind and size of a certificate's key, for example RSA 4096.
func Key(c *x509.Certificate) string {
	switch pub := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA " + strconv.Itoa(pub.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + pub.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown key"
}

func alternativeNames(c *x509.Certificate) []string {
	var ips, uris []string
	for _, ip := range c.IPAddresses {
		ips = append(ips, ip.String())
	}
	for _, uri := range c.URIs {
		uris = append(uris, uri.String())
	}
	var fields []string
	for _, f := range []struct {
		kind  string
		names []string
	}{{"DNS", c.DNSNames}, {"IP", ips}, {"URI", uris}, {"email", c.EmailAddresses}} {
		for _, name := range f.names {
			fields = append(fields, f.kind+" "+quote(name))
		}
	}
	return fields
}

// attributes are the attribute names of RFC 4514 section 3, and two that private
// CAs use.
var attributes = map[string]string{
	"2.5.4.3": "CN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
	"2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.17": "postalCode",
	"0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
	"1.2.840.113549.1.9.1": "email",
}

// Name formats a subject or issuer by RFC 4514, the most specific part first:
// CN=Corp Root,O=Corp. Unlike pkix.Name.String it supports DC, which Active
// Directory uses.
func Name(n pkix.Name) string {
	var parts []string
	for _, a := range slices.Backward(n.Names) {
		kind := a.Type.String()
		if name, known := attributes[kind]; known {
			kind = name
		}
		parts = append(parts, kind+"="+quote(fmt.Sprint(a.Value)))
	}
	if len(parts) == 0 {
		return "no name"
	}
	return strings.Join(parts, ",")
}

// quote returns a string unchanged if it is safe in a list, and otherwise as a Go
// string.
func quote(s string) string {
	quoted := printable.Line(strconv.Quote(s))
	if s == "" || strings.ContainsAny(s, ",=") || quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
