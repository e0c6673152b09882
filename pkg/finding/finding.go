package finding

import "slices"

// Finding is one result of a check. Two findings are the same if they are equal.
type Finding struct {
	ID       string // of its rule
	Severity Severity
	Position Position
	Subject  string // of the certificate; "" if the finding is not about a certificate
	Reason   string
}

// String formats a finding as one line, without its fix.
func (f Finding) String() string {
	s := string(f.Severity) + " " + f.ID + ": "
	if at := f.Position.String(); at != "" {
		s = at + ": " + s
	}
	if f.Subject != "" {
		s += f.Subject + ": "
	}
	return s + f.Reason
}

// Worst returns the highest severity among findings, "" if there are none.
func Worst(findings []Finding) Severity {
	for _, s := range Severities() {
		if slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == s }) {
			return s
		}
	}
	return ""
}

// Allow returns a copy of findings in which those with one of the IDs are notes.
func Allow(findings []Finding, ids []string) []Finding {
	allowed := slices.Clone(findings)
	for i, f := range allowed {
		if slices.Contains(ids, f.ID) {
			allowed[i].Severity = Note
		}
	}
	return allowed
}

// SortByPosition keeps the order of findings with the same source and line.
func SortByPosition(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.Position.Compare(b.Position) })
}
