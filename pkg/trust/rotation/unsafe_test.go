package rotation

import (
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestNeverUnsafe tries all small combinations of facts: the next
// bundle never loses a CA that something needs, or one that it must
// keep.
func TestNeverUnsafe(t *testing.T) {
	bundles := [][]*x509.Certificate{nil, list(oldRoot), list(newRoot), list(oldRoot, newRoot), list(oldRoot, newRoot, other)}
	uses := [][]usage.Use{nil, {oldWeb}, {oldSign}, {oldSign, oldWeb}}
	worlds := 0
	for _, bundle := range bundles {
		for _, held := range bundles {
			for _, ofOld := range uses {
				for _, started := range []int{9, 11} {
					worlds++
					f := distributed(func(f *Facts) {
						f.Bundle, f.Locations, f.OfOld, f.Pods = bundle, []usage.LocationState{location(catest.Any(held)...)}, ofOld, []usage.Pod{pod("p", started, roots)}
					})
					s := Decide(f)
					what := fmt.Sprintf("bundle %q, location %q, %d uses, pod of %d h: step %s, next %q", names(bundle), names(held), len(ofOld), started, s.Step, names(s.Bundle))
					if s.Bundle == nil {
						continue
					}
					if pki.Contains(bundle, oldRoot.Certificate) && !pki.Contains(s.Bundle, oldRoot.Certificate) && (len(ofOld) > 0 || started < 10 || !pki.Contains(held, newRoot.Certificate)) {
						t.Errorf("%s: takes away what is needed, or what not all have a successor of", what)
					}
					if pki.Contains(bundle, other.Certificate) != pki.Contains(s.Bundle, other.Certificate) || !pki.Contains(s.Bundle, newRoot.Certificate) {
						t.Errorf("%s: touches others, or leaves out the new", what)
					}
				}
			}
		}
	}
	if worlds != 200 {
		t.Errorf("%d worlds", worlds)
	}
}
