package lint_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/doctest"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

var update = flag.Bool("update", false, "rewrite the expected findings and docs/lint.md")

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestGolden: testdata/lint has manifests and their findings, one per
// line. Every rule has a finding.
func TestGolden(t *testing.T) {
	met := map[string]bool{"C119": true} // TestWeeks
	for _, file := range cases(t, "lint") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) != 2 || archive.Files[0].Name != "manifests.yaml" || archive.Files[1].Name != "want" {
				t.Fatalf("%s has not manifests.yaml and want", file)
			}
			var lines strings.Builder
			for _, f := range lint.Check(objects(t, archive.Files[0].Data), nil, now) {
				met[f.ID] = true
				lines.WriteString(f.String() + "\n")
			}
			got := lines.String()
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	for _, r := range lint.Rules() {
		if !met[r.ID] {
			t.Errorf("no case meets %s: %s", r.ID, r.What)
		}
	}
}

// TestReference compares the table in docs/lint.md with the rules.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| | finding | severity | why | what to do |\n|---|---|---|---|---|\n")
	escape := strings.NewReplacer("|", `\|`, "<", `\<`)
	for _, r := range lint.Rules() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.ID, r.What, r.Severity, escape.Replace(r.Why), escape.Replace(r.Fix))
	}
	doctest.Check(t, "lint.md", b.String(), *update)
}

func cases(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", dir, err)
	}
	return files
}

func objects(t testing.TB, data []byte) []manifest.Object {
	t.Helper()
	var b overlay.Builder
	objects, err := b.Objects("manifests.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
