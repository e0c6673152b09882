package lint

import (
	"cmp"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Finding is one thing to know about an object. Two findings are the same if
// they are equal.
type Finding struct {
	ID       string // of its Rule
	Index    int    // of the object that it is told of, among those judged
	Severity finding.Severity
	Object   manifest.ID // what it is about
	Field    string      // of the object, such as spec.tls[0].hosts[1]; "" for all of it
	Subject  string      // of the certificate that it is about, "" for none
	Reason   string
	Fix      string // what to do
	Firm     bool   // nobody can agree with it: it will be refused
}

// String writes a finding in one line, without what to do about it.
func (f Finding) String() string {
	s := string(f.Severity) + " " + f.ID + ": " + f.Object.String()
	if f.Field != "" {
		s += " " + strings.TrimPrefix(f.Field, "metadata.annotations.")
	}
	if f.Subject != "" {
		s += ": " + f.Subject
	}
	return s + ": " + f.Reason
}

func compare(a, b Finding) int {
	return cmp.Or(a.Object.Compare(b.Object), cmp.Compare(a.Field, b.Field), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Reason, b.Reason))
}
