package finding

import (
	"slices"
	"strings"
)

// Finding is one result of a check. It is comparable.
type Finding struct {
	ID       string // of its rule
	Severity Severity
	Position Position
	Object   Object // the zero value if it is not about an object
	Subject  string // of the certificate; "" if it is not about a certificate
	Reason   string
	Fix      string // "" if the rule has the fix
}

// Object identifies a Kubernetes object, or an entry of a configuration file by
// its kind and name.
type Object struct {
	Group, Kind, Namespace, Name string
}

// String returns Kind/name, or Kind/namespace/name if there is a namespace.
func (o Object) String() string {
	if o.Namespace == "" {
		return o.Kind + "/" + o.Name
	}
	return o.Kind + "/" + o.Namespace + "/" + o.Name
}

// String formats a finding as one line, without its fix. The field of an object
// follows its name.
func (f Finding) String() string {
	at, about := f.Position, ""
	if f.Object != (Object{}) {
		at.Field, about = "", f.about()+": "
	}
	s := string(f.Severity) + " " + f.ID + ": " + about
	if at := at.String(); at != "" {
		s = at + ": " + s
	}
	if f.Subject != "" {
		s += f.Subject + ": "
	}
	return s + f.Reason
}

// about formats the object and its field; annotations are shown by their key.
func (f Finding) about() string {
	if f.Position.Field == "" {
		return f.Object.String()
	}
	return f.Object.String() + " " + strings.TrimPrefix(f.Position.Field, "metadata.annotations.")
}

// Worst returns the highest severity of findings, or "" without findings.
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
	for i := range allowed {
		allowed[i].Allow(ids)
	}
	return allowed
}

// Allow makes the finding a note if its ID is one of the IDs.
func (f *Finding) Allow(ids []string) {
	if slices.Contains(ids, f.ID) {
		f.Severity = Note
	}
}

// IDs returns the IDs of findings, sorted, each once.
func IDs(findings []Finding) []string {
	ids := make([]string, len(findings))
	for i, f := range findings {
		ids[i] = f.ID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// SortByPosition sorts findings by source and line. The sort is stable.
func SortByPosition(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.Position.Compare(b.Position) })
}
