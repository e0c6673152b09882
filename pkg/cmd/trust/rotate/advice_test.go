package rotate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
)

// TestAfterEdit: every certs.yaml that was edited is generated from, in the same
// order each time.
func TestAfterEdit(t *testing.T) {
	l := &loaded{program: "kubectl certs", plan: &rotator.Plan{Dir: "ca"}}
	spec, manifests := []byte("apiVersion: x\nkind: Certs\n"), []byte("kind: Issuer\n")
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
			if diff := cmp.Diff(tt.want, l.afterEdit(rotation.Status{}, tt.writes)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}
