package finding

import "slices"

// Severity ranks findings. The zero value means that there is no finding.
type Severity string

// An Error prevents the result from working, a Warning may prevent it, and a
// Note is information.
const (
	Note    Severity = "note"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Severities returns all severities, the most severe first.
func Severities() []Severity { return []Severity{Error, Warning, Note} }

// AtLeast reports whether a severity is limit or higher.
func (s Severity) AtLeast(limit Severity) bool {
	return s != "" && slices.Index(Severities(), s) <= slices.Index(Severities(), limit)
}
