package cabundle

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/doctest"
)

// TestReference compares the table in docs/trust.md with the rules.
func TestReference(t *testing.T) {
	doctest.Check(t, "trust.md", ruleTable(), *update)
}

func ruleTable() string {
	var b strings.Builder
	b.WriteString("\n| | finding | severity | why | what to do | bundle |\n|---|---|---|---|---|---|\n")
	escape := strings.NewReplacer("|", `\|`, "<", `\<`)
	for _, r := range Rules() {
		severity := string(r.Generic)
		if r.Generic != r.AKS {
			severity = fmt.Sprintf("%s, AKS %s", cmp.Or(r.Generic, "–"), cmp.Or(r.AKS, "–"))
		}
		outcome := string(r.Action)
		if r.Lost {
			outcome = "lost"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, r.What, severity, escape.Replace(r.Why), escape.Replace(r.Fix), outcome)
	}
	return b.String()
}
