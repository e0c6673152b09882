package cabundle

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// TestRules: every rule is complete and in order, and the corpus or the tests of
// limits have a finding of it.
func TestRules(t *testing.T) {
	met := map[string]bool{"T202": true, "T203": true, "T204": true, "T205": true, "T206": true} // limits_test.go
	for _, s := range samples() {
		bundle, _ := Read(s.name, []byte(s.data), s.passwords...)
		for _, target := range Targets {
			for _, f := range Check(bundle, target, now) {
				met[f.ID] = true
			}
		}
	}
	var ids []string
	for _, r := range Rules() {
		ids = append(ids, r.ID)
		if r.What == "" || r.Why == "" || r.Fix == "" || r.Generic == "" && r.AKS == "" {
			t.Errorf("%s is incomplete: %+v", r.ID, r)
		}
		if !strings.HasSuffix(r.Why, ".") || strings.HasSuffix(r.Fix, ".") {
			t.Errorf("%s: the reason must be sentences, the fix must not", r.ID)
		}
		if r.Lost && (r.Action != "" || r.Generic != finding.Error || r.AKS != finding.Error) {
			t.Errorf("%s: a rule with Lost must be an error without Bundle", r.ID)
		}
		if fix := r.FixFor(AKS); strings.Contains(fix, makeBundle) {
			t.Errorf("%s: for AKS it says %s", r.ID, fix)
		}
		if !met[r.ID] {
			t.Errorf("no test meets %s", r.ID)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(Rules()) {
		t.Errorf("not in order, or duplicates: %q", ids)
	}
	for id := range met {
		if _, known := RuleOf(id); !known {
			t.Errorf("%s is not a rule", id)
		}
	}
}
