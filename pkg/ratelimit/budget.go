package ratelimit

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Budget is the remaining part of a CA's rate limits, from the certificates that were issued.
type Budget struct {
	limits Limits
	// spent are the times of issuance, oldest first, by key of the claim.
	spent map[string][]time.Time
}

// NewBudget returns the budget of a CA.
func NewBudget(limits Limits) *Budget {
	return &Budget{limits: limits, spent: map[string][]time.Time{}}
}

// Cost is how much of the rate limits one order uses.
type Cost struct {
	// Text is a short description: "12 of 50 this week (example.com)".
	Text string
	// Limit is the kind of the scarcest limit that the order counts for: PerDomain, PerAccount
	// or PerSet. With the order, Used of Most are used; Most is 0 if there is no limit.
	Limit      string
	Used, Most int
	// Until is when the order is within the limits, zero for now.
	Until time.Time
}

// The kinds of limits.
const (
	PerDomain  = "domain"  // certificates of a registered domain
	PerAccount = "account" // orders of an account
	PerSet     = "set"     // certificates for exactly the same names
)

type claim struct {
	kind, key, words string
	limit            Limit
}

// claims returns what an order counts for. Renewals with "replaces" are free, and the same
// names again count only for the set (Let's Encrypt).
func (b *Budget) claims(names []string, same, replaces bool) []claim {
	if replaces {
		return nil
	}
	var claims []claim
	if !same {
		for _, domain := range Domains(names) {
			claims = append(claims, claim{PerDomain, "domain " + domain, domain, b.limits.Domain})
		}
		claims = append(claims, claim{PerAccount, "orders", "orders", b.limits.Orders})
	}
	claims = append(claims, claim{PerSet, "set " + strings.Join(names, ","), "same names", b.limits.Set})
	return slices.DeleteFunc(claims, func(c claim) bool { return c.limit.Most == 0 })
}

// Cost returns the cost of an order. same is whether a certificate for the same names was
// issued before, replaces whether the order names the certificate that it renews.
func (b *Budget) Cost(names []string, same, replaces bool, now time.Time) Cost {
	if b.limits == (Limits{}) {
		return Cost{Text: "no known limit"}
	}
	if replaces {
		return Cost{Text: "free (renewal)"}
	}
	var cost Cost
	scarcest := 2.0
	for _, c := range b.claims(names, same, replaces) {
		spent := b.within(c, now)
		if share := float64(c.limit.Most-len(spent)) / float64(c.limit.Most); share < scarcest {
			scarcest = share
			cost.Limit, cost.Used, cost.Most = c.kind, len(spent)+1, c.limit.Most
			cost.Text = fmt.Sprintf("%d of %d %s (%s)", cost.Used, cost.Most, period(c.limit.Period), c.words)
		}
		if len(spent) >= c.limit.Most {
			if until := spent[len(spent)-c.limit.Most].Add(c.limit.Period); until.After(cost.Until) {
				cost.Until = until
			}
		}
	}
	return cost
}

func period(d time.Duration) string {
	if d == week {
		return "this week"
	}
	return "in " + strings.TrimSuffix(d.String(), "0m0s")
}

func (b *Budget) within(c claim, now time.Time) []time.Time {
	spent := b.spent[c.key]
	first, _ := slices.BinarySearchFunc(spent, now.Add(-c.limit.Period), time.Time.Compare)
	return spent[first:]
}

// Spend records that an order was placed, or a certificate issued, at a time. The returned
// function undoes that; call it at most once.
func (b *Budget) Spend(names []string, same, replaces bool, at time.Time) func() {
	if b.limits == (Limits{}) {
		return func() {}
	}
	claims := b.claims(names, same, replaces)
	for _, c := range claims {
		spent := b.spent[c.key]
		i, _ := slices.BinarySearchFunc(spent, at, time.Time.Compare)
		b.spent[c.key] = slices.Insert(spent, i, at)
	}
	return func() {
		for _, c := range claims {
			if i, found := slices.BinarySearchFunc(b.spent[c.key], at, time.Time.Compare); found {
				b.spent[c.key] = slices.Delete(b.spent[c.key], i, i+1)
			}
		}
	}
}
