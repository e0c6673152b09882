package crds

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLoad reads ours, which stand in a list; make lab copies the others, but
// not beside a test.
func TestLoad(t *testing.T) {
	docs, err := Load([]string{"nginx"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, doc := range docs {
		var crd struct{ Metadata struct{ Name string } }
		if err := json.Unmarshal(doc, &crd); err != nil {
			t.Fatal(err)
		}
		names = append(names, crd.Metadata.Name)
	}
	if diff := cmp.Diff([]string{"virtualservers.k8s.nginx.org", "virtualserverroutes.k8s.nginx.org"}, names); diff != "" {
		t.Error("-want +got", diff)
	}
	for name, want := range map[string]string{
		"cert-manager": "run make lab",
		"traefik":      "traefik: no such CRDs; there are cert-manager, gateway-api, nginx",
	} {
		if _, err := Load([]string{name}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
