package apply

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestPreviewSet: objects of kinds that the cluster does not serve are shown as
// desired, and pruned ones are live and no more.
func TestPreviewSet(t *testing.T) {
	s := kubetest.Start(t, "cert-manager.io")
	a := serverApplier(t, s)
	objects := decodeAll(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: b}}`)
	results(t, a, Options{Set: "shop"}, configMapWith("old", "1"), configMapWith("named", "1"))
	retain := func(o manifest.Object) string {
		if o.Name() == "named" {
			return "another names it"
		}
		return ""
	}
	for name, tt := range map[string]struct {
		prune                         *Pruning
		live, after, missing, retains []string
	}{
		"applied": {after: []string{"ClusterIssuer/b", "ConfigMap/default/a"}, missing: []string{"ClusterIssuer"}},
		"pruned": {prune: &Pruning{Set: "shop", Retain: retain}, live: []string{"ConfigMap/default/old"}, after: []string{"ClusterIssuer/b", "ConfigMap/default/a"},
			missing: []string{"ClusterIssuer"}, retains: []string{"ConfigMap/default/named is not pruned: another names it"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := a.PreviewSet(t.Context(), objects, tt.prune)
			if err != nil {
				t.Fatal(err)
			}
			var missing, retains []string
			for _, m := range p.Missing {
				missing = append(missing, m.Kind.Kind)
			}
			for _, r := range p.Retained {
				retains = append(retains, r.String())
			}
			if diff := cmp.Diff([][]string{tt.live, tt.after, tt.missing, tt.retains}, [][]string{names(p.Live), names(p.After), missing, retains}); diff != "" {
				t.Errorf("live, after, missing, retained (-want +got):\n%s", diff)
			}
		})
	}
	s.Before = func(r *http.Request) error {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/configmaps/a") {
			return errors.New("broken")
		}
		return nil
	}
	if p, err := a.PreviewSet(t.Context(), objects, nil); err == nil || len(p.Missing) != 1 {
		t.Errorf("the missing kinds are lost with an error: %v, %v", p, err)
	}
}
