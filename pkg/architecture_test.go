package pkg

import (
	"flag"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the table in ARCHITECTURE.md")

// tableHeader starts the table of packages in ARCHITECTURE.md, which ends with an
// empty line.
const tableHeader = "| package | does | may import |\n|---|---|---|\n"

// TestArchitecture: the table in ARCHITECTURE.md is that of the layers, with the
// first sentence of each package comment.
func TestArchitecture(t *testing.T) {
	file := filepath.Join("..", "ARCHITECTURE.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), tableHeader)
	if !found {
		t.Fatalf("ARCHITECTURE.md has no table %q", tableHeader)
	}
	_, after, _ := strings.Cut(rest, "\n\n")
	want := before + tableHeader + rows(t) + "\n" + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if data, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("ARCHITECTURE.md is out of date, run make golden (-want +got):\n%s", diff)
	}
}

func rows(t *testing.T) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(layers)) {
		l := layers[name]
		imports := "–"
		if len(l.imports) > 0 {
			imports = strings.Join(slices.Sorted(slices.Values(l.imports)), ", ")
		}
		shown := "`" + name + "`"
		if l.pure {
			shown += " ●"
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", shown, sentence(t, name), imports)
	}
	return text.String()
}

// sentence is the first sentence of a package comment, which is in doc.go, without
// the words that name the package.
func sentence(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(filepath.FromSlash(name), "doc.go")
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Errorf("package %s: %v", name, err)
		return ""
	}
	text := new(doc.Package).Synopsis(parsed.Doc.Text())
	start := "Package " + filepath.Base(filepath.FromSlash(name)) + " "
	if !strings.HasPrefix(text, start) {
		t.Errorf("%s does not start with %q", file, start)
	}
	return strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(text, start), "."), "|", "\\|")
}
