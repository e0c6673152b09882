package pkg

import (
	"flag"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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

// TestPackageComments: each package has its comment in doc.go, and nowhere else.
func TestPackageComments(t *testing.T) {
	for _, problem := range commentProblems(t, os.DirFS("..")) {
		t.Error(problem)
	}
}

// TestPackageCommentsCanFail breaks the rule in each way.
func TestPackageCommentsCanFail(t *testing.T) {
	source := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	got := commentProblems(t, fstest.MapFS{
		"good/doc.go":       source("// Package good is good.\npackage good\n"),
		"good/a.go":         source("// a comment\n\npackage good\n"),
		"command/doc.go":    source("// Command is good too.\npackage main\n"),
		"tests/a_test.go":   source("package tests\n"),
		"none/a.go":         source("package none\n"),
		"elsewhere/a.go":    source("// Package elsewhere is in a.go.\npackage elsewhere\n"),
		"twice/doc.go":      source("// Package twice is there.\npackage twice\n"),
		"twice/a.go":        source("// Package twice is here.\npackage twice\n"),
		"other/doc.go":      source("// The package other.\npackage other\n"),
		"empty/doc.go":      source("package empty\n"),
		"a/testdata/x.go":   source("package x\n"),
		".ci/tools/main.go": source("package main\n"),
	})
	want := []string{
		"elsewhere has no package comment in doc.go",
		"elsewhere/a.go has a package comment; it belongs in doc.go",
		"empty has no package comment in doc.go",
		"none has no package comment in doc.go",
		"other/doc.go must start with \"Package other \"",
		"twice/a.go has a package comment; it belongs in doc.go",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// commentProblems reports packages without a comment in doc.go, and comments of
// packages in other files.
func commentProblems(t *testing.T, tree fs.FS) []string {
	t.Helper()
	commented := map[string]bool{} // by folder
	var found []string
	err := fs.WalkDir(tree, ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && file != "." && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		dir, text := path.Dir(file), parsed.Doc.Text()
		commented[dir] = commented[dir] || path.Base(file) == "doc.go" && text != ""
		switch start := "Package " + parsed.Name.Name + " "; {
		case text == "":
		case path.Base(file) != "doc.go":
			found = append(found, file+" has a package comment; it belongs in doc.go")
		case parsed.Name.Name != "main" && !strings.HasPrefix(text, start):
			found = append(found, fmt.Sprintf("%s must start with %q", file, start))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range commented {
		if !ok {
			found = append(found, dir+" has no package comment in doc.go")
		}
	}
	slices.Sort(found)
	return found
}
