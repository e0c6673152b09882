package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// linter collects the findings about the objects of an index.
type linter struct {
	index
	now     time.Time
	at      int              // the object that is checked
	allowed map[int][]string // by object
	found   []Finding
}

// report notes a finding of one of our rules, about the object that is checked or
// what it refers to. About a value that is filled in later there is nothing to
// say.
func (l *linter) report(id string, about manifest.ID, field, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if isVariable(reason) {
		return
	}
	rule, _ := RuleOf(id)
	l.add(Finding{Finding: finding.Finding{
		ID: id, Severity: rule.Severity, Position: finding.Position{Field: field}, Object: finding.Object(about), Reason: reason, Fix: rule.Fix,
	}})
}

func (l *linter) add(f Finding) {
	f.Index = l.at
	if slices.Contains(l.allowed[l.at], f.ID) {
		f.Severity = finding.Note
	}
	l.found = append(l.found, f)
}
