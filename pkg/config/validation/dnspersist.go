package validation

import (
	"net/url"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) dnsPersist(at *strictyaml.Path, acme *v1alpha1.ACME) {
	p := acme.DNSPersist
	if p == nil {
		return
	}
	account, err := url.Parse(p.AccountURI)
	switch length := len(p.IssuerDomain) + len(p.AccountURI) + len("; accounturi=; policy=wildcard; persistUntil=1830211200"); {
	case p.AccountURI == "":
	case err != nil || account.Scheme != "https" || account.Host == "" || strings.ContainsFunc(p.AccountURI, notInParameter):
		c.bad(at.At("accountURI"), "invalid account URL %q: use an https URL, for example https://acme-v02.api.letsencrypt.org/acme/acct/1234567", shortened(p.AccountURI))
	case length > 255:
		c.bad(at.At("accountURI"), "the TXT record would have %d bytes, and 255 is the maximum", length)
	case v1alpha1.IsLetsEncrypt(acme.Server) && account.Host != hostOf(acme.Server):
		c.bad(at.At("accountURI"), "is an account at %s, but the server is %s", account.Host, hostOf(acme.Server))
	}
	switch {
	case p.IssuerDomain == "":
		c.bad(at.At("issuerDomain"), "required: one of caaIdentities in the CA's directory")
	case v1alpha1.IsWildcard(p.IssuerDomain):
		c.bad(at.At("issuerDomain"), "%q must not be a wildcard", p.IssuerDomain)
	default:
		c.host(at.At("issuerDomain"), p.IssuerDomain)
	}
	if _, ok := p.Until(); !ok {
		c.bad(at.At("persistUntil"), "invalid date %q: use a form such as 2027-12-31 or 2027-12-31T00:00:00Z", p.PersistUntil)
	}
}

// notInParameter reports characters that are invalid in a parameter of the
// record (RFC 8659 §4.2), or need escapes in a TXT record.
func notInParameter(r rune) bool {
	return r <= ' ' || r > '~' || r == ';' || r == '"' || r == '\\'
}

func hostOf(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return u.Host
}
