package dns01

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// NewPersist makes a Prover for dns-persist-01: it looks whether the permanent
// records are there and writes none. Of the options it takes those about
// looking.
func NewPersist(o Options) (issuance.Prover, error) {
	dns, err := newResolver(o)
	if err != nil {
		return nil, issuance.AsFailure(issuance.ReasonSolver, err)
	}
	return &persist{dns: dns, only: o.ResolversOnly}, nil
}

// persist is a issuance.Prover for dns-persist-01.
type persist struct {
	dns  *resolver
	only bool
}

// Prove returns when the records of all challenges are there, or an error with
// the records to create.
func (p *persist) Prove(ctx context.Context, challenges []issuance.Challenge) error {
	errs := concurrently(len(challenges), 8, func(i int) error { return p.check(ctx, challenges[i]) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var problems []problem
	for i, err := range errs {
		if err != nil {
			problems = append(problems, problem{challenges[i].Name, err})
		}
	}
	return failure(problems, scrubber{})
}

// Clean leaves the records: they are permanent.
func (p *persist) Clean(context.Context, []issuance.Challenge) error { return nil }

func (p *persist) check(ctx context.Context, c issuance.Challenge) error {
	if c.Type != issuance.DNSPersist01 {
		return fmt.Errorf("a %s solver cannot answer %s", issuance.DNSPersist01, c.Type)
	}
	if c.Account == "" || len(c.IssuerDomains) == 0 {
		return errors.New("the CA does not say which record it wants: it tells no account or no name of its own (caaIdentities)")
	}
	name, _, err := p.dns.follow(ctx, "_validation-persist."+strings.ToLower(plain(c.Name))+".")
	if err != nil {
		return err
	}
	seen, err := p.dns.look(ctx, name, p.only)
	if err != nil {
		return err
	}
	var told []string
	for _, s := range seen {
		why := explainPersist(s, c, time.Now())
		if why == "" {
			continue
		}
		if s.unable && slices.ContainsFunc(seen, func(other sight) bool { return !other.unable }) {
			continue // a CA asks another server then
		}
		told = append(told, fmt.Sprintf("%s: %s", s.server, why))
	}
	if len(told) == 0 {
		return nil
	}
	return fmt.Errorf("no record lets this account have it: %s; create: %s", strings.Join(told, "; "), PersistRecord(c))
}

// PersistRecord is the record that a CA wants to see for a challenge, as a line
// of a zone file.
func PersistRecord(c issuance.Challenge) string {
	domain := "<domain of the CA>"
	if len(c.IssuerDomains) > 0 {
		domain = c.IssuerDomains[0]
	}
	value := domain + "; accounturi=" + c.Account
	if c.Wildcard {
		value += "; policy=wildcard"
	}
	return fmt.Sprintf("_validation-persist.%s. IN TXT %s", plain(c.Name), quoted(value))
}

// quoted writes a TXT value in pieces of at most 255 bytes, as it is stored.
func quoted(value string) string {
	var pieces []string
	for piece := range slices.Chunk([]byte(value), 255) {
		pieces = append(pieces, fmt.Sprintf("%q", piece))
	}
	return strings.Join(pieces, " ")
}

// explainPersist says why what a server has does not do, "" if it does: one
// good record is enough, whatever the others are.
func explainPersist(s sight, c issuance.Challenge, now time.Time) string {
	var whys []string
	for _, text := range s.texts {
		grant, why := parseGrant(text)
		if why == "" {
			why = grant.refuses(c, now)
		}
		if why == "" {
			return ""
		}
		whys = append(whys, fmt.Sprintf("%q %s", text, why))
	}
	if len(whys) == 0 {
		return s.said
	}
	return strings.Join(whys, ", ")
}
