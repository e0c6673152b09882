package cabundle

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

func TestReport(t *testing.T) {
	type row struct{ File, Fix, Action, Outcome string }
	rows := func(list []finding.Reported) []row {
		var rows []row
		for _, r := range list {
			rows = append(rows, row{r.File, r.Fix, r.Action, r.Outcome})
			if r.What == "" || r.Why == "" {
				t.Errorf("%s is not explained", r.ID)
			}
		}
		return rows
	}
	findings := []finding.Finding{
		{ID: "T014", Position: finding.Position{Source: "a.pem", Line: 2}},           // dropped
		{ID: "T101", Position: finding.Position{Source: "a.pem", Line: 1}},           // repaired
		{ID: "T005", Position: finding.Position{Source: "registry.example.com:443"}}, // neither
	}
	fixOf := func(id string, target Target) string {
		rule, _ := RuleOf(id)
		return rule.FixFor(target)
	}
	want := []row{
		{"a.pem", fixOf("T014", AKS), "dropped", ""}, {"a.pem", fixOf("T101", AKS), "repaired", ""}, {"", fixOf("T005", AKS), "", ""},
	}
	if diff := cmp.Diff(want, rows(Report(findings, AKS))); diff != "" {
		t.Errorf("before writing (-want +got):\n%s", diff)
	}
	want = []row{
		{"a.pem", fixOf("T014", Generic), "dropped", "dropped"}, {"a.pem", "", "repaired", "repaired"}, {"", fixOf("T005", Generic), "", ""},
	}
	if diff := cmp.Diff(want, rows(ReportWritten(findings, Generic))); diff != "" {
		t.Errorf("after writing (-want +got):\n%s", diff)
	}
	if findings[0].Fix != "" {
		t.Error("the findings themselves are changed")
	}
}
