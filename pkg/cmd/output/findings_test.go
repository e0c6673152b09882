package output

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

func TestPrintFindings(t *testing.T) {
	list := []finding.Reported{{Finding: finding.Finding{ID: "C101", Severity: finding.Error, Reason: "no solver", Fix: "add one"}, File: "a.yaml"}}
	for format, want := range map[string]string{
		GitHub: "::error file=a.yaml,title=C101::no solver; add one\n",
		SARIF:  `"version": "v1.2.3"`,
	} {
		f := parse(t, ForFindings(), "-o", format)
		var out bytes.Buffer
		if err := f.PrintFindings(&out, list, "v1.2.3"); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("-o %s: %v\n%s", format, err, out.String())
		}
	}
	if err := parse(t, ForFindings(), "-o", JSON).PrintFindings(&bytes.Buffer{}, list, ""); err == nil {
		t.Error("JSON is not refused, which is the format of a list")
	}
}
