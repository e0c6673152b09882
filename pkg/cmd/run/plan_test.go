package run

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

// TestReportBlockers: each problem is an error, and the hint of neighbours with
// the same one follows the last of them.
func TestReportBlockers(t *testing.T) {
	a, b, c := operator.Blocker{Problem: "a", Fix: "x"}, operator.Blocker{Problem: "b", Fix: "x"}, operator.Blocker{Problem: "c", Fix: "z"}
	for name, tt := range map[string]struct {
		blockers []operator.Blocker
		want     string
		found    bool
	}{
		"none":     {},
		"one":      {[]operator.Blocker{a}, "error: a\nhint: x\n", true},
		"one hint": {[]operator.Blocker{a, b}, "error: a\nerror: b\nhint: x\n", true},
		"two":      {[]operator.Blocker{a, b, c}, "error: a\nerror: b\nhint: x\nerror: c\nhint: z\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			got := printed(false, func(io iostreams.IO) { err = (&Options{IO: io}).reportBlockers(tt.blockers) })
			if diff := cmp.Diff("-- stderr --\n"+tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if errors.Is(err, cmdutil.ErrFound) != tt.found {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestPlanList: a plan for programs has accounts and blockers only if there are
// some.
func TestPlanList(t *testing.T) {
	rows := []operator.Row{{Namespace: "shop", Secret: "web"}}
	accounts := map[string]operator.Account{"Issuer shop/ca": {URL: "https://ca.example.com/1"}}
	blockers := []operator.Blocker{{Problem: "a", Fix: "x"}}
	for name, tt := range map[string]struct {
		accounts map[string]operator.Account
		blockers []operator.Blocker
		want     map[string]any
	}{
		"neither": {nil, nil, map[string]any{}},
		"both":    {accounts, blockers, map[string]any{"accounts": accounts, "blockers": blockers}},
	} {
		t.Run(name, func(t *testing.T) {
			got := planList(rows, tt.accounts, tt.blockers)
			if diff := cmp.Diff(tt.want, got.Rest); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(got.Items) != 1 || len(got.Names) != 1 || got.Names[0] != rows[0].ObjectName() {
				t.Errorf("items %v, names %v", got.Items, got.Names)
			}
		})
	}
}
