package cabundle

import (
	"crypto/x509"
	"encoding/asn1"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Entry is a certificate and where it was found.
type Entry struct {
	Cert  *x509.Certificate
	Place finding.Position
	// Sent is true for what a server sends to be verified, which need not be a
	// CA; it is not part of a bundle yet.
	Sent bool
}

// Bundle is what sources hold. Its findings are those of reading, not yet
// rated for a target; Check rates them and adds its own.
type Bundle struct {
	Entries  []Entry
	Findings []finding.Finding
}

// Join puts bundles together in their order.
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

// Kind is what a certificate can be in a chain.
type Kind string

// A Root signed itself, an Intermediate was signed by another CA, a Leaf may
// sign nothing.
const (
	Root         Kind = "root"
	Intermediate Kind = "intermediate"
	Leaf         Kind = "leaf"
)

// KindOf tells what a certificate is. Version 1 knows no CAs: a self-signed
// one counts as a root, as OpenSSL and Go have it.
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

// UsedFor lists what a certificate, or what it signs, may be used for.
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

// forServers reports whether TLS clients take what a CA signs for servers.
func forServers(c *x509.Certificate) bool {
	for _, use := range UsedFor(c) {
		if use == "any" || use == "server" {
			return true
		}
	}
	return false
}

// The keys under which ConfigMaps hold PEM, and trust-manager's a trust store;
// its password keeps nobody out, and is the one that Java assumes.
const (
	CAKey         = "ca.crt"
	OpenShiftKey  = "ca-bundle.crt"
	StoreKey      = "trust.p12"
	StorePassword = "changeit"
)

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
