package finding

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Rule describes the findings with one ID. IDs are permanent: an ID that is no
// longer used is not used again.
type Rule struct {
	ID       string
	What     string // a short title
	Severity Severity
	Why      string // why it matters, in sentences
	Fix      string // by hand or with a command
}

// Reported is a finding with all that a report shows.
type Reported struct {
	Finding
	What, Why string   // of its rule
	Scopes    []string // the environments or overlays that have it; nil for all
	File      string   // the file to annotate; "" if it is not in a file
	Action    string   // of writing the result, such as repaired
	Outcome   string   // the action, once it is done
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
