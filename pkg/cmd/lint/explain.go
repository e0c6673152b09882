package lint

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
)

// rules are those of lint, and those of CA certificates.
func rules() []finding.Rule {
	list := lint.Rules()
	for _, t := range cabundle.Rules() {
		r, _ := lint.RuleOf(t.ID)
		list = append(list, r)
	}
	return list
}

// explain prints one rule, or each in a line.
func explain(o *Options) error {
	if o.Explain != "all" {
		r, _ := lint.RuleOf(o.Explain)
		_, err := fmt.Fprintf(o.IO.Out, "%s  %s  %s\n\nwhy: %s\nfix: %s\n", r.ID, r.Severity, r.What, r.Why, strings.ReplaceAll(r.Fix, "kubectl certs", o.Program))
		return err
	}
	for _, r := range rules() {
		if _, err := fmt.Fprintf(o.IO.Out, "%s  %-7s  %s\n", r.ID, r.Severity, r.What); err != nil {
			return err
		}
	}
	return nil
}
