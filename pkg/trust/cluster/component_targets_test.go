package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestComponentTargets: a component for pods is a location if it makes a ConfigMap;
// one that mounts what another target makes is not, nor are files for nodes.
func TestComponentTargets(t *testing.T) {
	pem := []byte(corpus(t, "two.pem"))
	folders := []nodetrust.Folder{
		{Dir: "trust/corp/talos", Files: []nodetrust.File{{Name: "ca.crt", Data: pem}}},
		{Dir: "trust/corp/pods", Files: []nodetrust.File{{Name: "kustomization.yaml"}, {Name: "ca.crt", Data: pem}}},
		{Dir: "trust/mounted/pods", Files: []nodetrust.File{{Name: "kustomization.yaml"}}},
	}
	wanted := ComponentTargets(folders, &usage.Values{})
	var locations []usage.Location
	for _, w := range wanted {
		locations = append(locations, w.Location)
		if len(w.Certs) != 2 {
			t.Errorf("%s is to hold %d certificates, want 2", w.Location, len(w.Certs))
		}
	}
	want := []usage.Location{{Kind: usage.Component, Name: "corp", Optional: true}}
	if diff := cmp.Diff(want, locations); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}
