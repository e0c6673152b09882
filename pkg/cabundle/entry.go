package cabundle

import (
	"crypto/x509"
	"encoding/asn1"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Entry is a certificate with its position.
type Entry struct {
	Cert     *x509.Certificate
	Position finding.Position
	// Sent is true for a certificate that a server sent. It need not be a CA.
	Sent bool
}

// Bundle is the content of sources. Its findings are those of reading, without
// severity. Check sets the severity for a target and adds its own findings.
type Bundle struct {
	Entries  []Entry
	Findings []finding.Finding
}

// Join concatenates bundles.
func Join(bundles ...Bundle) Bundle {
	var all Bundle
	for _, b := range bundles {
		all.Entries = append(all.Entries, b.Entries...)
		all.Findings = append(all.Findings, b.Findings...)
	}
	return all
}

// Certificates returns the certificates of entries.
func Certificates(entries []Entry) []*x509.Certificate {
	certs := make([]*x509.Certificate, len(entries))
	for i, e := range entries {
		certs[i] = e.Cert
	}
	return certs
}

// Kind is the role of a certificate in a chain.
type Kind string

// A Root is signed by itself, an Intermediate by another CA. A Leaf is not a CA.
const (
	Root         Kind = "root"
	Intermediate Kind = "intermediate"
	Leaf         Kind = "leaf"
)

// KindOf returns the kind of a certificate. A self-signed certificate of version
// 1, which cannot be marked as a CA, is a root, as in OpenSSL and Go.
func KindOf(c *x509.Certificate) Kind {
	selfSigned := pki.SelfSigned(c)
	switch {
	case c.BasicConstraintsValid && !c.IsCA, !c.BasicConstraintsValid && (c.Version >= 3 || !selfSigned):
		return Leaf
	case selfSigned:
		return Root
	}
	return Intermediate
}

var usages = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageAny:             "any",
	x509.ExtKeyUsageServerAuth:      "server",
	x509.ExtKeyUsageClientAuth:      "client",
	x509.ExtKeyUsageCodeSigning:     "code",
	x509.ExtKeyUsageEmailProtection: "email",
	x509.ExtKeyUsageTimeStamping:    "time",
	x509.ExtKeyUsageOCSPSigning:     "ocsp",
}

// UsedFor lists the extended key usages of a certificate.
func UsedFor(c *x509.Certificate) []string {
	var list []string
	for _, u := range c.ExtKeyUsage {
		name := usages[u]
		if name == "" {
			name = "other"
		}
		list = append(list, name)
	}
	for _, id := range c.UnknownExtKeyUsage {
		list = append(list, asn1.ObjectIdentifier(id).String())
	}
	if len(list) == 0 {
		return []string{"any"}
	}
	return list
}

// forServers reports whether a CA may sign certificates of TLS servers.
func forServers(c *x509.Certificate) bool {
	for _, use := range UsedFor(c) {
		if use == "any" || use == "server" {
			return true
		}
	}
	return false
}

// The keys for PEM in ConfigMaps, and for the trust store of trust-manager with
// its password, which is Java's default and not a secret.
const (
	CAKey         = "ca.crt"
	OpenShiftKey  = "ca-bundle.crt"
	StoreKey      = "trust.p12"
	StorePassword = "changeit"
)

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// UsualPasswords returns the passwords that are tried on every store: none, and the
// one that keytool documents.
func UsualPasswords() []string { return []string{"", StorePassword} }
