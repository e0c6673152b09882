package cabundle

import (
	"crypto/x509"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
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
// weighed for a target; Judge weighs them and adds its own.
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

// Blocking returns the errors that a canonical form would not do away with.
func Blocking(findings []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool {
		rule, _ := RuleOf(f.ID)
		return f.Severity != finding.Error || rule.Bundle != ""
	})
}
