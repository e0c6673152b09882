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
	at      int              // the index of the current object
	allowed map[int][]string // by object
	found   []Finding
}

// report adds a finding of a rule about the current object or an object that it
// refers to. It skips values that are filled in later.
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
