package finding

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Rule is what all findings with one ID have in common. IDs are permanent: an ID
// that is no longer used is not used again.
type Rule struct {
	ID       string
	What     string // is the case, in a few words
	Severity Severity
	Why      string // it matters
	Fix      string // by hand, or with a command
}

// Reported is a finding with everything that a report shows about it.
type Reported struct {
	Finding
	What, Why string   // of its rule
	Scopes    []string // the environments or overlays that have it; none for all
	File      string   // the file to annotate; "" if it is not in a file
	Action    string   // what writing the result does about it, such as repaired
	Outcome   string   // the action, where it has been done
}

// suffix formats the scopes or the outcome, in parentheses.
func (r Reported) suffix() string {
	switch {
	case r.Outcome != "":
		return " (" + r.Outcome + ")"
	case len(r.Scopes) > 0:
		return " (" + strings.Join(r.Scopes, ", ") + ")"
	}
	return ""
}

// Summary counts findings by severity: 1 error, 2 warnings.
func Summary(findings []Finding) string {
	counts := map[Severity]int{}
	for _, f := range findings {
		counts[f.Severity]++
	}
	var parts []string
	for _, severity := range Severities() {
		if n := counts[severity]; n > 0 {
			parts = append(parts, phrase.Count(n, string(severity)))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}
