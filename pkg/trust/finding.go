package trust

import (
	"crypto/x509"
	"slices"
)

// Severity is how bad a finding is. The zero value is none at all.
type Severity string

// An Error keeps a certificate from being trusted, or a target from taking the
// bundle; a Warning may; a Note is good to know.
const (
	Note    Severity = "note"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Finding is one thing to know about a certificate or the text around it.
type Finding struct {
	ID       string   // of its Rule
	Severity Severity // for the target that was judged for
	Place    Place
	Subject  string // of the certificate, "" if it is about none
	Reason   string
}

// String writes a finding in one line, without what to do about it.
func (f Finding) String() string {
	s := string(f.Severity) + " " + f.ID + ": "
	if at := f.Place.String(); at != "" {
		s = at + ": " + s
	}
	if f.Subject != "" {
		s += f.Subject + ": "
	}
	return s + f.Reason
}

// Entry is a certificate and where it was found.
type Entry struct {
	Cert  *x509.Certificate
	Place Place
	// Sent is true for what a server sends to be verified, which need not be a
	// CA; it is not part of a bundle yet.
	Sent bool
}

// Bundle is what sources hold. Its findings are those of reading, not yet
// weighed for a target; Judge weighs them and adds its own.
type Bundle struct {
	Entries  []Entry
	Findings []Finding
}

// Join puts bundles together in their order.
func Join(bundles ...Bundle) Bundle {
	var all Bundle
	for _, b := range bundles {
		all.Entries = append(all.Entries, b.Entries...)
		all.Findings = append(all.Findings, b.Findings...)
	}
	return all
}

// Worst returns the highest severity among findings, "" if there are none.
func Worst(findings []Finding) Severity {
	for _, s := range []Severity{Error, Warning, Note} {
		if slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == s }) {
			return s
		}
	}
	return ""
}

// Allow turns findings of some IDs into notes: somebody knows and agrees.
func Allow(findings []Finding, ids []string) []Finding {
	allowed := slices.Clone(findings)
	for i, f := range allowed {
		if slices.Contains(ids, f.ID) {
			allowed[i].Severity = Note
		}
	}
	return allowed
}

// Blocking returns the errors that a canonical form would not do away with.
func Blocking(findings []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool {
		rule, _ := RuleOf(f.ID)
		return f.Severity != Error || rule.Bundle != ""
	})
}

// sortByPlace leaves what is at one place in the order it was found in.
func sortByPlace(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.Place.Compare(b.Place) })
}
