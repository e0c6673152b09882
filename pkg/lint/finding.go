package lint

import (
	"cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Finding is a finding about an object. Its position is a field of the object;
// Targets adds the source and the line.
type Finding struct {
	finding.Finding
	Index int  // of the object that has the finding, among those judged
	Firm  bool // it cannot be allowed: the object will be refused
}

func compare(a, b Finding) int {
	return cmp.Or(manifest.ID(a.Object).Compare(manifest.ID(b.Object)), cmp.Compare(a.Position.Field, b.Position.Field),
		cmp.Compare(a.ID, b.ID), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Reason, b.Reason))
}
