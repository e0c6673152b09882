package dns01

import (
	"github.com/akamai/AkamaiOPEN-edgegrid-golang/v13/pkg/edgegrid"
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/go-acme/lego/v4/providers/dns/edgedns"
)

func newAkamai(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAkamai) (backend, error) {
	config := akamaiConfig(c, s)
	if c.err() != nil {
		return backend{}, nil
	}
	p, err := edgedns.NewDNSProviderConfig(config)
	return backend{host: &legoHost{p}, name: "Akamai"}, err
}

func akamaiConfig(c *reader, s *cmacme.ACMEIssuerDNS01ProviderAkamai) *edgedns.Config {
	if s.ServiceConsumerDomain == "" {
		c.bad("serviceConsumerDomain", "required")
	}
	return &edgedns.Config{TTL: 60, Config: &edgegrid.Config{
		Host:         s.ServiceConsumerDomain,
		ClientToken:  c.get("clientTokenSecretRef", s.ClientToken),
		ClientSecret: c.get("clientSecretSecretRef", s.ClientSecret),
		AccessToken:  c.get("accessTokenSecretRef", s.AccessToken),
		MaxBody:      131072,
	}}
}
