package lint

import (
	"cmp"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Rules are the rules of this package in the order of their IDs. Those of CA
// certificates are cabundle.Rules.
func Rules() []finding.Rule { return slices.Concat(askedRules, issuerRules, routeRules, gitRules) }

// RuleOf returns the rule of an ID, be it of this package or of trust; false if
// there is none.
func RuleOf(id string) (finding.Rule, bool) {
	if r, known := byID[id]; known {
		return r, true
	}
	t, known := cabundle.RuleOf(id)
	return finding.Rule{ID: t.ID, What: t.What, Severity: cmp.Or(t.Generic, t.AKS), Why: t.Why, Fix: t.Fix}, known
}

var byID = func() map[string]finding.Rule {
	m := map[string]finding.Rule{}
	for _, r := range Rules() {
		m[r.ID] = r
	}
	return m
}()
