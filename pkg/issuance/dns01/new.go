package dns01

import (
	"context"
	"fmt"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// New makes a Prover of a solver. Everything that is wrong with the solver's
// fields and Secrets is told at once; most DNS hosts are not asked yet.
//
// It is to be kept as long as the solver and its Secrets stay as they are: names
// of one order are proved together by one Prover, and it knows what it wrote.
func New(ctx context.Context, solver *cmacme.ACMEChallengeSolverDNS01, secrets Secrets, o Options) (issuance.Prover, error) {
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
		err = given // what the host's library says then is no news
	}
	if err != nil {
		return nil, issuance.Failuref(issuance.ReasonSolver, "dns01: %s", scrub.clean(err.Error()))
	}
	return &prover{
		backend: b, dns: dns, o: o, secret: scrub, known: map[proof]*state{},
		follow: solver.CNAMEStrategy == cmacme.FollowStrategy,
	}, nil
}

// build makes the host that a solver names.
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
			return found, fmt.Errorf("%s and %s: one solver has one DNS host", c.solver, b.field)
		}
		c.solver = b.field
		found, err = b.build()
	}
	if c.solver == "" {
		return found, fmt.Errorf("the solver names no DNS host")
	}
	return found, err
}
