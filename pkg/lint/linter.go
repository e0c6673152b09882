package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

type judge struct {
	world
	now     time.Time
	at      int              // the object that is judged
	allowed map[int][]string // by object
	found   []Finding
}

// say notes a finding of one of our rules, about the object that is judged or
// what it refers to. About a value that is filled in later there is nothing to
// say.
func (j *judge) say(id string, about manifest.ID, field, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if isVariable(reason) {
		return
	}
	rule, _ := RuleOf(id)
	j.add(Finding{Finding: finding.Finding{
		ID: id, Severity: rule.Severity, Position: finding.Position{Field: field}, Object: finding.Object(about), Reason: reason, Fix: rule.Fix,
	}})
}

func (j *judge) add(f Finding) {
	f.Index = j.at
	if slices.Contains(j.allowed[j.at], f.ID) {
		f.Severity = finding.Note
	}
	j.found = append(j.found, f)
}
