package rotation

import (
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAfterEdit: generate runs for every edited certs.yaml, in the same
// order each time.
func TestAfterEdit(t *testing.T) {
	a := Advice{Program: "kubectl certs"}
	below := func(name string) string { return path.Join("ca", name) }
	spec, manifests := []byte("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"), []byte("kind: Issuer\n")
	for name, tt := range map[string]struct {
		writes map[string][]byte
		want   string
	}{
		"manifests": {map[string][]byte{"a.yaml": manifests}, "commit"},
		"one":       {map[string][]byte{"../certs.yaml": spec, "a.yaml": manifests}, "kubectl certs generate, commit"},
		"several": {map[string][]byte{"z/certs.yaml": spec, "../a/certs.yaml": spec, "m/certs.yaml": spec, "b.yaml": manifests},
			"kubectl certs generate -f a/certs.yaml, kubectl certs generate -f ca/m/certs.yaml, kubectl certs generate -f ca/z/certs.yaml, commit"},
	} {
		for range 20 { // maps have no order
			if diff := cmp.Diff(tt.want, a.AfterEdit(Status{}, tt.writes, below)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

// TestState: steps before the current one are done, and at the end all are;
// a skipped step is early. Settle has no blockers before it is the current step.
func TestState(t *testing.T) {
	blockers := map[Step][]Blocker{Distribute: {{What: "a"}}, Drain: {{What: "b"}}, Settle: {{What: "c"}}}
	for name, tt := range map[string]struct {
		status Status
		want   map[Step]string // the state, and what the step waits for
	}{
		"in the middle": {Status{Step: Switch, Blockers: blockers}, map[Step]string{Add: "done", Distribute: "done", Switch: "now", Drain: "later b", Remove: "later", Settle: "later"}},
		"settling":      {Status{Step: Settle, Blockers: blockers}, map[Step]string{Add: "done", Distribute: "done", Switch: "done", Drain: "done", Remove: "done", Settle: "now c"}},
		"done":          {Status{Step: Done, Blockers: blockers}, map[Step]string{Add: "done", Distribute: "done", Switch: "done", Drain: "done", Remove: "done", Settle: "done"}},
		"early":         {Status{Step: Remove, Early: true, Blockers: blockers}, map[Step]string{Add: "done", Distribute: "done", Switch: "done", Drain: "early b", Remove: "early", Settle: "later"}},
	} {
		got := map[Step]string{}
		for _, step := range Steps {
			got[step] = string(tt.status.State(step))
			for _, b := range tt.status.WaitsFor(step) {
				got[step] += " " + b.What
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
