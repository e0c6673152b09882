package dns01

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	return fmt.Errorf("no record lets this account have it: %s; create: %s", strings.Join(told, "; "), persistRecord(c))
}

// persistRecord is the record that a CA wants to see for a challenge, as a line
// of a zone file.
func persistRecord(c issuance.Challenge) string {
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

// grant is what a dns-persist-01 record says (draft-ietf-acme-dns-persist),
// written as an issue-value of RFC 8659, section 4.2.
type grant struct {
	issuer  string // domain of the CA
	account string // URL
	// wildcard: "policy" of any other value counts as none.
	wildcard bool
	// until is when it ends, zero for never.
	until time.Time
}

// parseGrant reads a record, or says what is wrong with it. Names of parameters
// and the policy's value are read in any case of letters, everything else as it
// is. Parameters that nobody knows do not matter, but may not come twice.
func parseGrant(text string) (g grant, why string) {
	issuer, rest, more := strings.Cut(text, ";")
	if g.issuer = strings.Trim(issuer, " \t"); g.issuer == "" {
		return g, "names no CA"
	}
	seen := map[string]bool{}
	for more {
		var one string
		one, rest, more = strings.Cut(rest, ";")
		name, value, ok := strings.Cut(one, "=")
		name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
		switch {
		case strings.Trim(one, " \t") == "":
			return g, "has an empty parameter, or a semicolon at its end"
		case !ok || name == "":
			return g, fmt.Sprintf("has %q, which is not name=value", strings.TrimSpace(one))
		case seen[name]:
			return g, "has " + name + " twice"
		case strings.ContainsFunc(value, func(r rune) bool { return r < '!' || r > '~' }):
			return g, "has blanks or other characters in the value of " + name + " that may not be there"
		}
		seen[name] = true
		if why := g.set(name, value); why != "" {
			return g, why
		}
	}
	if g.account == "" {
		return g, "has no accounturi"
	}
	return g, ""
}

func (g *grant) set(name, value string) (why string) {
	switch name {
	case "accounturi":
		g.account = value
	case "policy":
		g.wildcard = strings.EqualFold(value, "wildcard")
	case "persistuntil":
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return "has a persistUntil that is not a number of seconds"
		}
		g.until = time.Unix(seconds, 0)
	}
	return ""
}

// refuses says why a grant is not for a challenge, "" if it is.
func (g grant) refuses(c issuance.Challenge, now time.Time) string {
	switch {
	case !slices.Contains(c.IssuerDomains, g.issuer):
		return "is for another CA"
	case g.account != c.Account:
		return "is for another account"
	case c.Wildcard && !g.wildcard:
		return "has no policy=wildcard"
	case !g.until.IsZero() && now.After(g.until):
		return "ended " + g.until.UTC().Format(time.DateOnly)
	}
	return ""
}
