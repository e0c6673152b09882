package cabundle

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Refused reports whether a target rejects findings of the rule even if they are
// allowed. AKS accepts a limited number of certificates in one form of PEM.
func (r Rule) Refused(t Target) bool {
	form := slices.ContainsFunc(textRules, func(other Rule) bool { return other.ID == r.ID })
	return t == AKS && r.AKS == finding.Error && (form || r.ID == "T201")
}

// Rules are all rules in the order of their IDs.
func Rules() []Rule { return slices.Concat(certificateRules, textRules, limitRules, manifestRules) }

// RuleOf returns the rule with an ID; false if there is none.
func RuleOf(id string) (Rule, bool) {
	r, known := byID[id]
	return r, known
}

var byID = func() map[string]Rule {
	m := map[string]Rule{}
	for _, r := range Rules() {
		m[r.ID] = r
	}
	return m
}()

// Report returns findings for a report about a target.
func Report(findings []finding.Finding, target Target) []finding.Reported {
	list := make([]finding.Reported, len(findings))
	for i, f := range findings {
		rule, _ := RuleOf(f.ID)
		f.Fix = rule.FixFor(target)
		list[i] = finding.Reported{Finding: f, What: rule.What, Why: rule.Why, Action: string(rule.Action)}
		if !IsServer(f.Position.Source) {
			list[i].File = f.Position.Source
		}
	}
	return list
}

// ReportWritten is Report for a bundle that has been written. It sets the outcome
// of each finding. Repaired findings need no fix.
func ReportWritten(findings []finding.Finding, target Target) []finding.Reported {
	list := Report(findings, target)
	for i := range list {
		list[i].Outcome = list[i].Action
		if list[i].Action == string(Repaired) {
			list[i].Fix = ""
		}
	}
	return list
}

// Blocking returns the errors that writing the canonical form does not repair.
func Blocking(findings []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool {
		rule, _ := RuleOf(f.ID)
		return f.Severity != finding.Error || rule.Action != ""
	})
}
