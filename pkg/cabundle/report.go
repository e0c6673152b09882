package cabundle

import "github.com/kubectl-certs/kubectl-certs/pkg/finding"

// Report returns findings with what a report shows about them for a target.
func Report(findings []finding.Finding, target Target) []finding.Reported {
	list := make([]finding.Reported, len(findings))
	for i, f := range findings {
		rule, _ := RuleOf(f.ID)
		f.Fix = rule.FixFor(target)
		list[i] = finding.Reported{Finding: f, What: rule.What, Why: rule.Why, Action: string(rule.Bundle)}
		if !IsServer(f.Position.Source) {
			list[i].File = f.Position.Source
		}
	}
	return list
}

// ReportWritten is Report for a bundle that has been written: with what that did
// about each finding. What was repaired needs no fix.
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
