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

// NewPersist returns a Solver for dns-persist-01. It checks that the permanent records exist
// and writes none. It uses only the options about queries.
func NewPersist(o Options) (issuance.Solver, error) {
	dns, err := newResolver(o)
	if err != nil {
		return nil, issuance.AsFailure(issuance.ReasonSolver, err)
	}
	return &persist{dns: dns, only: o.ResolversOnly}, nil
}

// persist is an issuance.Solver for dns-persist-01.
type persist struct {
	dns  *resolver
	only bool
}

// Present returns nil if the records of all challenges exist, or an error with the records to
// create.
func (p *persist) Present(ctx context.Context, challenges []issuance.Challenge) error {
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

// CleanUp keeps the records: they are permanent.
func (p *persist) CleanUp(context.Context, []issuance.Challenge) error { return nil }

func (p *persist) check(ctx context.Context, c issuance.Challenge) error {
	if c.Type != issuance.DNSPersist01 {
		return fmt.Errorf("a %s solver cannot complete a %s challenge", issuance.DNSPersist01, c.Type)
	}
	if c.Account == "" || len(c.IssuerDomains) == 0 {
		return errors.New("the CA does not specify the record: its account URL or its caaIdentities are missing")
	}
	name, _, err := p.dns.follow(ctx, "_validation-persist."+strings.ToLower(plain(c.Name))+".")
	if err != nil {
		return err
	}
	seen, err := p.dns.look(ctx, name, p.only)
	if err != nil {
		return err
	}
	var texts []string
	for _, s := range seen {
		why := explainPersist(s, c, time.Now())
		if why == "" {
			continue
		}
		if s.noAnswer && slices.ContainsFunc(seen, func(other reply) bool { return !other.noAnswer }) {
			continue // the CA then queries another server
		}
		texts = append(texts, fmt.Sprintf("%s: %s", s.server, why))
	}
	if len(texts) == 0 {
		return nil
	}
	return fmt.Errorf("no record authorizes this account: %s; create: %s", strings.Join(texts, "; "), persistRecord(c))
}

// persistRecord returns the record that a CA requires for a challenge, as a line of a zone
// file.
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

// quoted returns a TXT value in strings of at most 255 bytes, as it is stored.
func quoted(value string) string {
	var pieces []string
	for piece := range slices.Chunk([]byte(value), 255) {
		pieces = append(pieces, fmt.Sprintf("%q", piece))
	}
	return strings.Join(pieces, " ")
}

// explainPersist returns why a server's records do not authorize the challenge, "" if one of
// them does.
func explainPersist(s reply, c issuance.Challenge, now time.Time) string {
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
		return s.message
	}
	return strings.Join(whys, ", ")
}

// grant is a dns-persist-01 record (draft-ietf-acme-dns-persist), in the syntax of an
// issue-value (RFC 8659, section 4.2).
type grant struct {
	issuer  string // domain of the CA
	account string // URL
	// wildcard is whether "policy" is "wildcard"; other values are ignored.
	wildcard bool
	// until is when it expires, zero for never.
	until time.Time
}

// parseGrant parses a record or returns what is wrong with it. Names of parameters and the
// value of policy are case-insensitive. Unknown parameters are ignored, but no parameter may be
// repeated.
func parseGrant(text string) (g grant, why string) {
	issuer, rest, more := strings.Cut(text, ";")
	if g.issuer = strings.Trim(issuer, " \t"); g.issuer == "" {
		return g, "has no CA domain"
	}
	seen := map[string]bool{}
	for more {
		var one string
		one, rest, more = strings.Cut(rest, ";")
		name, value, ok := strings.Cut(one, "=")
		name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
		switch {
		case strings.Trim(one, " \t") == "":
			return g, "has an empty parameter or a trailing semicolon"
		case !ok || name == "":
			return g, fmt.Sprintf("has %q, which is not name=value", strings.TrimSpace(one))
		case seen[name]:
			return g, "has a duplicate " + name
		case strings.ContainsFunc(value, func(r rune) bool { return r < '!' || r > '~' }):
			return g, "has invalid characters in the value of " + name
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
			return "has an invalid persistUntil: use Unix seconds"
		}
		g.until = time.Unix(seconds, 0)
	}
	return ""
}

// refuses returns why a grant does not authorize a challenge, "" if it does.
func (g grant) refuses(c issuance.Challenge, now time.Time) string {
	switch {
	case !slices.Contains(c.IssuerDomains, g.issuer):
		return "is for another CA"
	case g.account != c.Account:
		return "is for another account"
	case c.Wildcard && !g.wildcard:
		return "has no policy=wildcard"
	case !g.until.IsZero() && now.After(g.until):
		return "expired " + g.until.UTC().Format(time.DateOnly)
	}
	return ""
}
