package dns01

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// dnsSolver is an issuance.Solver for dns-01. Solvers are compared by pointer.
type dnsSolver struct {
	backend
	dns    *resolver
	o      Options
	follow bool
	secret scrubber

	mu    sync.Mutex
	known map[challengeKey]*state
}

// challengeKey identifies a challenge.
type challengeKey struct{ name, token, keyAuth string }

// state is a record and its progress. The lock of the record's name guards it.
type state struct {
	record
	put bool // by this process
}

// problem is an error and the domain it concerns.
type problem struct {
	name string
	err  error
}

// failure combines problems into one Failure, nil for none.
func failure(problems []problem, secret scrubber) error {
	if len(problems) == 0 {
		return nil
	}
	f := &issuance.Failure{Reason: issuance.ReasonChallenge, Name: problems[0].name, Detail: secret.clean(problems[0].err.Error())}
	if len(problems) > 1 {
		var texts []string
		for _, one := range problems {
			texts = append(texts, one.name+": "+secret.clean(one.err.Error()))
		}
		f.Name, f.Detail = "", strings.Join(texts, "; ")
	}
	return f
}

// states returns the states of challenges. Each record is located once, so that it is deleted
// where it was written.
func (p *dnsSolver) states(ctx context.Context, challenges []issuance.Challenge) (found []*state, problems []problem) {
	made := make([]*state, len(challenges))
	errs := concurrently(len(challenges), 8, func(i int) (err error) {
		made[i], err = p.state(ctx, challenges[i])
		return err
	})
	for i, err := range errs {
		if err != nil {
			problems = append(problems, problem{challenges[i].Name, err})
		} else if !slices.Contains(found, made[i]) {
			found = append(found, made[i])
		}
	}
	return found, problems
}

func (p *dnsSolver) state(ctx context.Context, c issuance.Challenge) (*state, error) {
	key := challengeKey{c.Name, c.Token, c.KeyAuthorization}
	p.mu.Lock()
	s := p.known[key]
	p.mu.Unlock()
	if s != nil {
		return s, nil
	}
	r, err := p.locate(ctx, c)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[key] == nil { // not located concurrently
		p.known[key] = &state{record: r}
	}
	return p.known[key], nil
}

// forget removes the state of a deleted record.
func (p *dnsSolver) forget(s *state) {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.known, func(_ challengeKey, k *state) bool { return k == s })
}

// locate determines where the record of a challenge is written and where the CA finds it.
func (p *dnsSolver) locate(ctx context.Context, c issuance.Challenge) (r record, err error) {
	if c.Type != issuance.DNS01 {
		return r, fmt.Errorf("a %s solver cannot complete a %s challenge", issuance.DNS01, c.Type)
	}
	name := strings.ToLower(plain(c.Name))
	_, ok := dns.IsDomainName(name)
	if _, err := netip.ParseAddr(name); err == nil || !ok || name == "" || strings.HasPrefix(name, "*.") {
		return r, fmt.Errorf("%q is not a DNS name", c.Name)
	}
	sum := sha256.Sum256([]byte(c.KeyAuthorization))
	r = record{name: name, token: c.Token, keyAuth: c.KeyAuthorization, value: base64.RawURLEncoding.EncodeToString(sum[:])}
	r.fqdn, r.seen = r.own(), r.own()
	if !p.o.ResolversOnly || p.follow || p.alias { // otherwise the resolver would cache that the name does not exist
		if r.seen, r.chain, err = p.dns.follow(ctx, r.own()); err != nil {
			return r, err
		}
	}
	if p.follow || p.alias {
		r.fqdn = r.seen
	}
	r.zone = p.zoneOf(r.fqdn)
	return r, nil
}

// zoneOf returns a function that looks up the zone of a name once, on the first call.
func (p *dnsSolver) zoneOf(fqdn string) func(context.Context) (string, error) {
	var mu sync.Mutex
	var zone string
	return func(ctx context.Context) (_ string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if zone == "" {
			from := fqdn
			if p.o.ResolversOnly { // queryTXT locate; this misses a name that is a zone of its own
				next, _ := dns.NextLabel(fqdn, 0)
				from = fqdn[next:]
			}
			zone, err = p.dns.zone(ctx, from)
		}
		return zone, err
	}
}

// hostTimeout is the timeout of a change, and of propagation.
func (p *dnsSolver) hostTimeout() time.Duration {
	switch {
	case p.o.Timeout > 0:
		return p.o.Timeout
	case p.timeout > 0:
		return p.timeout
	}
	return 2 * time.Minute
}
