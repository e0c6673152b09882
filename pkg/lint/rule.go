package lint

import (
	"cmp"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// Rule is what every finding of one ID has in common. IDs are for good: one
// that is no longer used is not used again.
type Rule struct {
	ID       string
	What     string // is the case, in a few words
	Severity finding.Severity
	Why      string // it matters
	Fix      string // by hand, or with a command
}

// Rules are the rules of this package in the order of their IDs. Those of CA
// certificates are trust.Rules.
func Rules() []Rule { return slices.Concat(askedRules, issuerRules, routeRules, gitRules) }

// RuleOf returns the rule of an ID, be it of this package or of trust; false if
// there is none.
func RuleOf(id string) (Rule, bool) {
	if r, known := byID[id]; known {
		return r, true
	}
	t, known := trust.RuleOf(id)
	return Rule{ID: t.ID, What: t.What, Severity: cmp.Or(t.Generic, t.AKS), Why: t.Why, Fix: t.Fix}, known
}

var byID = func() map[string]Rule {
	m := map[string]Rule{}
	for _, r := range Rules() {
		m[r.ID] = r
	}
	return m
}()
