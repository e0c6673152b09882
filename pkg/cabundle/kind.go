package cabundle

import (
	"crypto/x509"
	"encoding/asn1"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

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
