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

// Provider is a DNS provider of lego that was made by its name; the package
// process below this one has one.
type Provider interface {
	Present(ctx context.Context, r Record) error
	CleanUp(ctx context.Context, r Record) error
	Traits() Traits
}

// Traits are what a provider says of itself.
type Traits struct {
	// Timeout is how long records may take to be seen, 0 if it does not say.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Sequential providers may keep only one value at a name.
	Sequential bool `json:"sequential,omitempty"`
}

// Record is a TXT record for a provider of lego, which computes the value.
type Record struct {
	Domain  string `json:"domain"` // without _acme-challenge
	FQDN    string `json:"fqdn"`   // where to write, with a dot at the end
	Zone    string `json:"zone"`   // that FQDN lies in, with a dot at the end
	Token   string `json:"token"`
	KeyAuth string `json:"keyAuth"`
}

// legoRecord is a record as lego's providers take it.
func legoRecord(ctx context.Context, r *record) (Record, error) {
	zone, err := r.zone(ctx)
	if err != nil {
		return Record{}, err
	}
	domain := strings.TrimPrefix(plain(r.fqdn), "_acme-challenge.")
	return Record{Domain: domain, FQDN: r.fqdn, Zone: zone, Token: r.token, KeyAuth: r.keyAuth}, nil
}

// namedHost is a DNS provider that was made by its name.
type namedHost struct{ provider Provider }

// byName is a provider that nothing more is known of.
func byName(name string, p Provider) backend {
	traits := p.Traits()
	return backend{
		host: &namedHost{p}, name: cmp.Or(knownByLego[name], name),
		serial: true, single: traits.Sequential, timeout: traits.Timeout,
	}
}

func (h *namedHost) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.Present)
}

func (h *namedHost) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.CleanUp)
}

func (h *namedHost) call(ctx context.Context, r *record, do func(context.Context, Record) error) error {
	told, err := legoRecord(ctx, r)
	if err != nil {
		return err
	}
	return do(ctx, told)
}

// legoHost is a DNS provider of lego in this process, for solvers that lego can
// be configured for without variables. It knows no context: see prover.change,
// which does not wait for it.
type legoHost struct{ provider challenge.Provider }

func (h *legoHost) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.Present)
}

func (h *legoHost) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.CleanUp)
}

func (h *legoHost) call(ctx context.Context, r *record, do func(domain, token, keyAuth string) error) error {
	told, err := legoRecord(ctx, r)
	if err != nil {
		return err
	}
	return CallLego(ctx, told, do)
}

// PrepareLego points the resolvers of lego, which are those of the whole
// process, to the answers for calls of CallLego. Call it before lego is used.
func PrepareLego() error { return theStage.ready() }

// CallLego calls a provider of lego so that it writes at the record's FQDN. Lego
// computes that name from the domain, and follows CNAMEs while it does.
func CallLego(ctx context.Context, r Record, do func(domain, token, keyAuth string) error) error {
	leave, err := theStage.enter(ctx, r.Domain, r.FQDN, r.Zone)
	if err != nil {
		return err
	}
	defer leave()
	if got := dns01.GetChallengeInfo(r.Domain, r.KeyAuth).EffectiveFQDN; got != r.FQDN {
		return fmt.Errorf("lego would write at %s, not at %s: unset LEGO_DISABLE_CNAME_SUPPORT if it is set", got, r.FQDN)
	}
	if got, err := dns01.FindZoneByFqdn(r.FQDN); err != nil || got != r.Zone {
		return errors.Join(fmt.Errorf("lego takes %s for the zone, not %s", got, r.Zone), err)
	}
	return do(r.Domain, r.Token, r.KeyAuth)
}
