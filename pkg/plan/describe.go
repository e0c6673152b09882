package plan

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// describeIssuer describes the CA of an issuer and its solvers in a few words.
func describeIssuer(i *v1alpha1.Issuer) string {
	switch {
	case i.CA != nil:
		return "CA in Secret " + i.CA.SecretName
	case i.SelfSigned != nil:
		return "self-signed"
	case i.Vault != nil:
		return "Vault at " + i.Vault.Server
	case i.Venafi != nil:
		return "Venafi zone " + i.Venafi.Zone
	case i.ACME == nil:
		return ""
	}
	var solvers []string
	for _, s := range i.ACME.Solvers {
		if solver := describeSolver(s); !slices.Contains(solvers, solver) {
			solvers = append(solvers, solver)
		}
	}
	return "ACME at " + hostOf(i.ACME.Server) + ", " + strings.Join(solvers, ", ")
}

func describeSolver(s v1alpha1.Solver) string {
	if s.DNS01 == nil {
		return "HTTP-01"
	}
	for _, p := range []struct {
		name  string
		given bool
	}{
		{"acme-dns", s.DNS01.AcmeDNS != nil}, {"Akamai", s.DNS01.Akamai != nil}, {"Azure DNS", s.DNS01.AzureDNS != nil},
		{"Google Cloud DNS", s.DNS01.CloudDNS != nil}, {"Cloudflare", s.DNS01.Cloudflare != nil},
		{"DigitalOcean", s.DNS01.DigitalOcean != nil}, {"RFC 2136", s.DNS01.RFC2136 != nil},
		{"Route 53", s.DNS01.Route53 != nil}, {"webhook", s.DNS01.Webhook != nil},
	} {
		if p.given {
			return "DNS-01 with " + p.name
		}
	}
	return "DNS-01"
}

func hostOf(url string) string {
	host := strings.TrimPrefix(url, "https://")
	host, _, _ = strings.Cut(host, "/")
	return host
}
