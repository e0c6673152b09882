package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestLocationsReadTogether: locations are read together if they have the same desired
// certificates and keys.
func TestLocationsReadTogether(t *testing.T) {
	old, fresh := catest.List(catest.Root("Old Root")), catest.List(catest.Root("New Root"))
	named := func(name string, w Target) Target {
		w.Location = usage.Location{Name: name}
		return w
	}
	groups := grouped([]Target{
		named("a", Target{Certs: old}), named("b", Target{Certs: fresh}), named("c", Target{Certs: old, More: true}),
		named("d", Target{Certs: old, Keys: []string{"ca.crt"}}), named("e", Target{Certs: old}), named("f", Target{Certs: append(old, fresh...)}),
	})
	var got []string
	for _, group := range groups {
		names := ""
		for _, w := range group {
			names += w.Location.Name
		}
		got = append(got, names)
	}
	if diff := cmp.Diff([]string{"ae", "b", "c", "d", "f"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
