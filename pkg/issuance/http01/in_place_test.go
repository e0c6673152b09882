package http01

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestInPlace: the new path is the first of its host's rule, also if the rule has no paths (an
// NGINX master); removing it restores the Ingress.
func TestInPlace(t *testing.T) {
	c := issuance.Challenge{Name: "a.example.com", Token: "t"}
	own := map[string]any{"path": "/", "pathType": "Prefix"}
	ours, err := challengePath(c, "s")
	if err != nil {
		t.Fatal(err)
	}
	rule := func(host string, paths ...any) map[string]any {
		r := map[string]any{"host": host}
		if len(paths) > 0 {
			r["http"] = map[string]any{"paths": paths}
		}
		return r
	}
	for name, tt := range map[string]struct{ before, during, after []any }{
		"beside others": {
			before: []any{rule("b.example.com", own), rule("a.example.com", own)},
			during: []any{rule("b.example.com", own), rule("a.example.com", ours, own)},
			after:  []any{rule("b.example.com", own), rule("a.example.com", own)},
		},
		"other host": {
			before: []any{rule("b.example.com", own)},
			during: []any{rule("b.example.com", own), rule("a.example.com", ours)},
			after:  []any{rule("b.example.com", own)},
		},
		"master": {
			before: []any{rule("a.example.com")},
			during: []any{rule("a.example.com", ours)},
			after:  []any{rule("a.example.com")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			annotations := map[string]any{}
			if name == "master" {
				annotations["nginx.org/mergeable-ingress-type"] = "master"
			}
			ingress := manifest.Object{"metadata": map[string]any{"annotations": annotations}, "spec": map[string]any{"rules": tt.before}}
			if !addPath(ingress, c, ours) || addPath(ingress, c, ours) {
				t.Error("added not once")
			}
			if diff := cmp.Diff(tt.during, ingress.Map("spec")["rules"]); diff != "" {
				t.Errorf("during (-want +got):\n%s", diff)
			}
			if !removePath(ingress, c) || removePath(ingress, c) {
				t.Error("removed not once")
			}
			if diff := cmp.Diff(tt.after, ingress.Map("spec")["rules"]); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
		})
	}
}
