package trust

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestReference holds the table of docs/trust.md to the rules.
func TestReference(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "trust.md")
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const marker = "<!-- From here on written by go test ./pkg/trust -update. -->\n"
	head, _, found := bytes.Cut(have, []byte(marker))
	if !found {
		t.Fatalf("%s has no line %s", file, marker)
	}
	want := string(head) + marker + ruleTable()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is out of date, run go test ./pkg/trust -update (-want +got):\n%s", file, diff)
	}
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
		outcome := string(r.Bundle)
		if r.Lost {
			outcome = "lost"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, r.What, severity, escape.Replace(r.Why), escape.Replace(r.Fix), outcome)
	}
	return b.String()
}
