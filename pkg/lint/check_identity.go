package lint

import (
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// maxCommonName is ub-common-name (RFC 5280, appendix A.1).
const maxCommonName = 64

// identity checks the names of a certificate of any issuer.
func (l *linter) identity(r *request) {
	c := &r.Certificate
	if c.SecretName == "" {
		l.report("C120", r.by, "spec", "has no secretName")
	}
	if len(r.names)+len(c.URIs)+len(c.EmailAddresses)+len(c.OtherNames) == 0 && c.LiteralSubject == "" {
		l.report("C105", r.by, "spec", "has no names")
	}
	if n := len(c.CommonName); n > maxCommonName {
		l.report("C106", r.by, r.specField("commonName", "common-name"), "has %d characters", n)
	}
}

// acmeIdentity checks the names and fields of a certificate of an ACME CA.
func (l *linter) acmeIdentity(r *request) {
	c := &r.Certificate
	for _, extra := range []struct {
		field, word string
		given       bool
	}{
		{"uris", "uri-sans", len(c.URIs) > 0},
		{"emailAddresses", "email-sans", len(c.EmailAddresses) > 0},
		{"otherNames", "", len(c.OtherNames) > 0},
		{"isCA", "", c.IsCA},
	} {
		if extra.given {
			l.report("C109", r.by, r.specField(extra.field, extra.word), "%s is an ACME issuer, which does not put this into a certificate", r.issuer.id)
		}
	}
	if cn := c.CommonName; cn != "" && !slices.Contains(c.DNSNames, cn) && !slices.Contains(c.IPAddresses, cn) {
		l.report("C107", r.by, r.specField("commonName", "common-name"), "%q is not one of the names", cn)
	}
	for _, name := range c.DNSNames {
		if !isHost(name) {
			l.report("C108", r.by, r.nameField(name), "invalid host name %q", name)
		}
	}
}

// isHost reports whether a name is a valid host name or wildcard.
func isHost(name string) bool {
	bare := strings.ToLower(strings.TrimPrefix(name, "*."))
	if _, err := netip.ParseAddr(bare); err == nil || len(bare) > validation.DNS1123SubdomainMaxLength {
		return false
	}
	for label := range strings.SplitSeq(bare, ".") {
		if len(validation.IsDNS1123Label(label)) > 0 {
			return false
		}
	}
	return true
}

// challenges checks whether every name can be validated and the CA finds the answer.
// CAs return names in lower case.
func (l *linter) challenges(r *request) {
	overHTTP := false
	for _, name := range r.Certificate.DNSNames {
		if !isHost(name) {
			continue
		}
		switch pick := r.issuer.acme.Pick(strings.ToLower(name), r.Labels); {
		case pick < 0 && !r.issuer.vague:
			l.report("C101", r.by, r.nameField(name), "%q %s", name, r.issuer.whyNot(name))
		case pick < 0:
		case r.issuer.acme.Solvers[pick].HTTP01 != nil:
			overHTTP = true
			l.route(r, name, r.issuer.acme.Solvers[pick].HTTP01)
		}
	}
	if overHTTP {
		l.redirected(r)
	}
	hasHTTP := slices.ContainsFunc(r.issuer.acme.Solvers, func(s v1alpha1.Solver) bool { return s.HTTP01 != nil })
	for _, address := range r.Certificate.IPAddresses {
		if _, err := netip.ParseAddr(address); err == nil && !hasHTTP {
			l.report("C101", r.by, r.nameField(address), "%s needs an HTTP-01 solver, but %s has none", address, r.issuer.id)
		}
	}
}
