package validation

import (
	"net/netip"
	"slices"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) dns01(at *strictyaml.Path, p *cmacme.ACMEChallengeSolverDNS01) {
	c.exactlyOne(at,
		[]string{"acmeDNS", "akamai", "azureDNS", "cloudDNS", "cloudflare", "digitalocean", "rfc2136", "route53", "webhook"},
		p.AcmeDNS != nil, p.Akamai != nil, p.AzureDNS != nil, p.CloudDNS != nil, p.Cloudflare != nil,
		p.DigitalOcean != nil, p.RFC2136 != nil, p.Route53 != nil, p.Webhook != nil)
	c.cloudflare(at.At("cloudflare"), p.Cloudflare)
	c.route53(at.At("route53"), p.Route53)
	c.azureDNS(at.At("azureDNS"), p.AzureDNS)
	c.rfc2136(at.At("rfc2136"), p.RFC2136)
}

func (c *checker) cloudflare(at *strictyaml.Path, p *cmacme.ACMEIssuerDNS01ProviderCloudflare) {
	if p == nil {
		return
	}
	c.exactlyOne(at, []string{"apiKeySecretRef", "apiTokenSecretRef"}, p.APIKey != nil, p.APIToken != nil)
	if p.APIKey != nil && p.Email == "" {
		c.bad(at.At("email"), "required with apiKeySecretRef; an API token needs no email address")
	}
}

func (c *checker) route53(at *strictyaml.Path, p *cmacme.ACMEIssuerDNS01ProviderRoute53) {
	if p == nil {
		return
	}
	c.atMostOne(at, []string{"accessKeyID", "accessKeyIDSecretRef"}, p.AccessKeyID != "", p.SecretAccessKeyID != nil)
	hasID := p.AccessKeyID != "" || p.SecretAccessKeyID != nil
	if hasID != (p.SecretAccessKey.Name != "") {
		c.bad(at, "needs both an access key ID and secretAccessKeySecretRef, or neither")
	}
}

func (c *checker) azureDNS(at *strictyaml.Path, p *cmacme.ACMEIssuerDNS01ProviderAzureDNS) {
	if p == nil {
		return
	}
	given := []bool{p.ClientID != "", p.ClientSecret != nil, p.TenantID != ""}
	if slices.Contains(given, true) && slices.Contains(given, false) {
		c.bad(at, "needs all of clientID, clientSecretSecretRef and tenantID, or none of them")
	}
	if m := p.ManagedIdentity; m != nil {
		if p.ClientSecret != nil {
			c.bad(at.At("managedIdentity"), "must not be combined with a client secret")
		}
		c.atMostOne(at.At("managedIdentity"), []string{"clientID", "resourceID"}, m.ClientID != "", m.ResourceID != "")
		if m.TenantID != "" && m.ClientID == "" {
			c.bad(at.At("managedIdentity").At("tenantID"), "requires clientID")
		}
	}
}

func (c *checker) rfc2136(at *strictyaml.Path, p *cmacme.ACMEIssuerDNS01ProviderRFC2136) {
	if p == nil {
		return
	}
	if p.Nameserver != "" && !isNameserver(p.Nameserver) {
		c.bad(at.At("nameserver"), "invalid name server %q: use host or host:port, with IPv6 addresses in brackets", p.Nameserver)
	}
	if (p.TSIGKeyName != "") != (p.TSIGSecret.Name != "") {
		c.bad(at, "needs both tsigKeyName and tsigSecretSecretRef, or neither")
	}
	algorithms := []string{"HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"}
	if p.TSIGAlgorithm != "" && !slices.Contains(algorithms, strings.ToUpper(p.TSIGAlgorithm)) {
		c.bad(at.At("tsigAlgorithm"), "%q must be one of %s", p.TSIGAlgorithm, strings.Join(algorithms, ", "))
	}
}

// isNameserver accepts the forms that cert-manager accepts: host, host:port,
// [IPv6] and [IPv6]:port.
func isNameserver(s string) bool {
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	host, port, hasPort := strings.Cut(s, ":")
	if strings.HasPrefix(s, "[") {
		address, ok := strings.CutSuffix(strings.TrimPrefix(s, "["), "]")
		_, err := netip.ParseAddr(address)
		return ok && err == nil
	}
	return host != "" && !strings.Contains(port, ":") && (!hasPort || isPort(port))
}

func isPort(s string) bool {
	_, err := netip.ParseAddrPort("127.0.0.1:" + s)
	return err == nil
}
