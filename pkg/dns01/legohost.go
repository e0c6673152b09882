package dns01

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/challenge/dns01"
)

// legoHost is a DNS provider of lego. It knows no context: see prover.change,
// which does not wait for it.
type legoHost struct{ provider challenge.Provider }

// byName is a provider that nothing more is known of.
func byName(name string, p challenge.Provider) backend {
	b := backend{host: &legoHost{p}, name: cmp.Or(knownByLego[name], name), serial: true}
	_, b.single = p.(interface{ Sequential() time.Duration })
	if own, ok := p.(challenge.ProviderTimeout); ok {
		b.timeout, _ = own.Timeout()
	}
	return b
}

func (h *legoHost) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.Present)
}

func (h *legoHost) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.CleanUp)
}

// call makes lego write at the record's name. It computes that name from the
// domain that it is told, and follows CNAMEs while it does, by the resolvers
// of the whole process: see stage.
func (h *legoHost) call(ctx context.Context, r *record, do func(domain, token, keyAuth string) error) error {
	zone, err := r.zone(ctx)
	if err != nil {
		return err
	}
	domain := plain(r.fqdn)
	if name, ok := strings.CutPrefix(domain, "_acme-challenge."); ok {
		domain = name
	}
	leave, err := theStage.enter(ctx, domain, r.fqdn, zone)
	if err != nil {
		return err
	}
	defer leave()
	if got := dns01.GetChallengeInfo(domain, r.keyAuth).EffectiveFQDN; got != r.fqdn {
		return fmt.Errorf("lego would write at %s, not at %s", got, r.fqdn)
	}
	if got, err := dns01.FindZoneByFqdn(r.fqdn); err != nil || got != zone {
		return errors.Join(fmt.Errorf("lego takes %s for the zone, not %s", got, zone), err)
	}
	return do(domain, r.token, r.keyAuth)
}
