package dns01

import (
	"context"
	"fmt"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// New returns a Solver with the configuration of cert-manager. It reports all problems of the solver's fields and Secrets
// at once; most DNS providers are not contacted yet.
//
// Keep the Solver as long as the solver and its Secrets are unchanged: one Solver validates all
// names of an order, and it keeps track of the records it wrote.
func New(ctx context.Context, solver *cmacme.ACMEChallengeSolverDNS01, secrets Secrets, o Options) (issuance.Solver, error) {
	dns, err := newResolver(o)
	if err != nil {
		return nil, issuance.AsFailure(issuance.ReasonSolver, err)
	}
	c := &reader{ctx: ctx, read: secrets, secrets: map[string]secret{}}
	b, err := build(c, solver, o)
	scrub := newScrubber(c.values)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if given := c.err(); given != nil {
		err = given // an error of the provider's library is then only a consequence
	}
	if err != nil {
		return nil, issuance.Failuref(issuance.ReasonSolver, "dns01: %s", scrub.clean(err.Error()))
	}
	return &dnsSolver{
		backend: b, dns: dns, o: o, secret: scrub, known: map[challengeKey]*state{},
		follow: solver.CNAMEStrategy == cmacme.FollowStrategy,
	}, nil
}

// build creates the provider of a solver.
func build(c *reader, s *cmacme.ACMEChallengeSolverDNS01, o Options) (backend, error) {
	builders := []struct {
		field string
		given bool
		build func() (backend, error)
	}{
		{"acmeDNS", s.AcmeDNS != nil, func() (backend, error) { return newAcmeDNS(c, s.AcmeDNS, o) }},
		{"akamai", s.Akamai != nil, func() (backend, error) { return newAkamai(c, s.Akamai) }},
		{"azureDNS", s.AzureDNS != nil, func() (backend, error) { return newAzure(c, s.AzureDNS, o) }},
		{"cloudDNS", s.CloudDNS != nil, func() (backend, error) { return newCloudDNS(c, s.CloudDNS, o) }},
		{"cloudflare", s.Cloudflare != nil, func() (backend, error) { return newCloudflare(c, s.Cloudflare, o) }},
		{"digitalocean", s.DigitalOcean != nil, func() (backend, error) { return newDigitalOcean(c, s.DigitalOcean, o) }},
		{"rfc2136", s.RFC2136 != nil, func() (backend, error) { return newRFC2136(c, s.RFC2136) }},
		{"route53", s.Route53 != nil, func() (backend, error) { return newRoute53(c, s.Route53, o) }},
		{"webhook", s.Webhook != nil, func() (backend, error) { return newWebhook(c, s.Webhook, o) }},
	}
	var found backend
	var err error
	for _, b := range builders {
		if !b.given {
			continue
		}
		if c.solver != "" {
			return found, fmt.Errorf("%s and %s: a solver takes only one DNS provider", c.solver, b.field)
		}
		c.solver = b.field
		found, err = b.build()
	}
	if c.solver == "" {
		return found, fmt.Errorf("no DNS provider in the solver")
	}
	return found, err
}
