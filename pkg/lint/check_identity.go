package lint

import (
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// maxCommonName is X.509's limit, ub-common-name (RFC 5280, appendix A.1).
const maxCommonName = 64

// identity judges what a certificate is for, whoever issues it.
func (j *judge) identity(a *asked) {
	c := &a.Certificate
	if c.SecretName == "" {
		j.say("C120", a.by, "spec", "has no secretName")
	}
	if len(a.names)+len(c.URIs)+len(c.EmailAddresses)+len(c.OtherNames) == 0 && c.LiteralSubject == "" {
		j.say("C105", a.by, "spec", "has no name at all")
	}
	if n := len(c.CommonName); n > maxCommonName {
		j.say("C106", a.by, a.wishField("commonName", "common-name"), "is %d characters long", n)
	}
}

// acmeIdentity judges what a certificate is for, if an ACME CA issues it.
func (j *judge) acmeIdentity(a *asked) {
	c := &a.Certificate
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
			j.say("C109", a.by, a.wishField(extra.field, extra.word), "%s is ACME's, and of that nothing gets into the certificate", a.issuer.id)
		}
	}
	if cn := c.CommonName; cn != "" && !slices.Contains(c.DNSNames, cn) && !slices.Contains(c.IPAddresses, cn) {
		j.say("C107", a.by, a.wishField("commonName", "common-name"), "%q is none of the names", cn)
	}
	for _, name := range c.DNSNames {
		if !isHost(name) {
			j.say("C108", a.by, a.nameField(name), "%q is no host name", name)
		}
	}
}

// isHost reports whether a name can be one of a host, or of all hosts below one.
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

// proof judges whether every name can be proved, and the answer is found. CAs
// give names back in small letters.
func (j *judge) proof(a *asked) {
	overHTTP := false
	for _, name := range a.Certificate.DNSNames {
		if !isHost(name) {
			continue
		}
		switch pick := a.issuer.acme.Pick(strings.ToLower(name), a.Labels); {
		case pick < 0 && !a.issuer.vague:
			j.say("C101", a.by, a.nameField(name), "%q %s", name, a.issuer.whyNot(name))
		case pick < 0:
		case a.issuer.acme.Solvers[pick].HTTP01 != nil:
			overHTTP = true
			j.route(a, name, a.issuer.acme.Solvers[pick].HTTP01)
		}
	}
	if overHTTP {
		j.redirected(a)
	}
	hasHTTP := slices.ContainsFunc(a.issuer.acme.Solvers, func(s v1alpha1.Solver) bool { return s.HTTP01 != nil })
	for _, address := range a.Certificate.IPAddresses {
		if _, err := netip.ParseAddr(address); err == nil && !hasHTTP {
			j.say("C101", a.by, a.nameField(address), "%s needs an HTTP-01 solver, and %s has none", address, a.issuer.id)
		}
	}
}
