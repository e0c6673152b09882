package dns01

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

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
