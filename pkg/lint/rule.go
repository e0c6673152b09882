package lint

import (
	"cmp"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Rules are the rules of this package in the order of their IDs. Those of CA
// certificates are cabundle.Rules.
func Rules() []finding.Rule {
	return slices.Concat(certificateRules, issuerRules, routeRules, gitRules)
}

// RuleOf returns the rule with an ID, of this package or of cabundle; false if
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

// Finding is a finding about an object. Its position is a field of the object;
// Targets adds the source and the line.
type Finding struct {
	finding.Finding
	Index int  // of the object that has the finding, among those checked
	Firm  bool // it cannot be allowed, because the API server rejects the object
}

func compare(a, b Finding) int {
	return cmp.Or(manifest.ID(a.Object).Compare(manifest.ID(b.Object)), cmp.Compare(a.Position.Field, b.Position.Field),
		cmp.Compare(a.ID, b.ID), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Reason, b.Reason))
}
