package watch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// entry returns the entry of a Secret.
func (b *requestIndex) entry(ref issuance.Ref) issuance.Entry {
	e := issuance.Entry{Ref: ref, Secret: b.secrets[ref], Journal: b.journals[ref]}
	e.Secret.OrderURL = b.orders[e.Secret.Leaf]
	if needs := b.needsOf(ref); len(needs) > 0 {
		d := issuance.NewDemand(ref, needs, b.issuers)
		e.Demand = &d
	}
	return e
}

// needsOf returns the needs of a Secret in order of precedence.
func (b *requestIndex) needsOf(ref issuance.Ref) []plan.Need {
	var needs []plan.Need
	for _, id := range slices.SortedFunc(maps.Keys(b.requesters[ref]), byPrecedence) {
		for _, n := range b.needs[id] {
			if refOf(n) == ref {
				needs = append(needs, n)
			}
		}
	}
	return needs
}

// byPrecedence sorts Certificates before the objects that cert-manager creates Certificates
// from.
func byPrecedence(a, b manifest.ID) int {
	rank := func(id manifest.ID) int {
		if id.Kind == "Certificate" {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.String(), b.String()))
}

// entries returns all requested Secrets, and those that only have a journal.
func (b *requestIndex) entries() []issuance.Entry {
	refs := maps.Clone(b.requestedRefs())
	if b.whole {
		for ref := range b.journals {
			refs[ref] = true
		}
	}
	entries := make([]issuance.Entry, 0, len(refs))
	for ref := range refs {
		entries = append(entries, b.entry(ref))
	}
	return entries
}

func (b *requestIndex) requestedRefs() map[issuance.Ref]bool {
	refs := map[issuance.Ref]bool{}
	for ref := range b.requesters {
		refs[ref] = true
	}
	return refs
}

// readErrors returns the errors of objects that could not be parsed, sorted.
func (b *requestIndex) readErrors() []error {
	var errs []error
	for _, id := range slices.SortedFunc(maps.Keys(b.problems), func(x, y manifest.ID) int { return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)) }) {
		errs = append(errs, b.problems[id])
	}
	return errs
}
