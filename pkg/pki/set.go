package pki

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Contains reports whether a list has a certificate.
func Contains(certs []*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(certs, c.Equal)
}

// Without returns the certificates of a list that are not in another.
func Without(certs, others []*x509.Certificate) []*x509.Certificate {
	var left []*x509.Certificate
	for _, c := range certs {
		if !Contains(others, c) {
			left = append(left, c)
		}
	}
	return left
}

// Union returns the certificates of both lists, each once.
func Union(a, b []*x509.Certificate) []*x509.Certificate {
	return append(slices.Clone(a), Without(b, a)...)
}

// Title returns the first DNS name of a certificate, with the number of others, or
// its subject.
func Title(c *x509.Certificate) string {
	switch {
	case len(c.DNSNames) == 0:
		return Name(c.Subject)
	case len(c.DNSNames) == 1:
		return printable.Line(c.DNSNames[0])
	}
	return fmt.Sprintf("%s and %d more", printable.Line(c.DNSNames[0]), len(c.DNSNames)-1)
}
