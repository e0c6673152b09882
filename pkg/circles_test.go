package pkg

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fewFiles is the number of files up to which a package may have circles: a
// reader opens them all.
const fewFiles = 10

// TestFileCircles: in a package of more than fewFiles files, of any module here, no
// two files use each other's package-level names or methods, directly or through
// others.
func TestFileCircles(t *testing.T) {
	checked := map[string]bool{}
	err := filepath.WalkDir("..", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); dir != ".." && (name == "testdata" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		pkg := strings.TrimPrefix(filepath.ToSlash(dir), "../")
		sources := sourcesIn(t, dir)
		if len(sources) <= fewFiles {
			return nil
		}
		checked[pkg] = true
		found := circles(t, sources)
		for _, circle := range found {
			t.Errorf("%s: files use each other in a circle:\n%s", pkg, circle)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range []string{"pkg/overlay", "lab", "lab/torture"} {
		if !checked[pkg] {
			t.Errorf("%s was not checked", pkg)
		}
	}
}

// TestFileCirclesCanFail finds circles in sources of its own, so that a green
// TestFileCircles means something.
func TestFileCirclesCanFail(t *testing.T) {
	tests := []struct {
		name    string
		sources map[string]string
		want    []string
	}{
		{"one way", map[string]string{
			"a.go": "package p; func a() { b() }",
			"b.go": "package p; func b() {}",
		}, nil},
		{"a method, through a third file", map[string]string{
			"a.go": "package p; type T struct{}; func (t *T) a() { t.b() }",
			"b.go": "package p; func (t *T) b() { c() }",
			"c.go": "package p; import \"example.com/x\"; func c() { var t T; x.X(); t.a() }",
			"d.go": "package p; var d = c",
		}, []string{"\ta.go -> b.go: b\n\tb.go -> a.go: T\n\tb.go -> c.go: c\n\tc.go -> a.go: T, a\n"}},
		{"a local variable of the same name", map[string]string{
			"a.go": "package p; func a() { b() }",
			"b.go": "package p; func b() { a := 1; _ = a }",
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := circles(t, test.sources); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// sourcesIn returns the Go files of a folder that a slim build compiles, without
// tests.
func sourcesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	context := build.Default
	context.BuildTags = []string{"slim"}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if match, err := context.MatchFile(dir, name); err != nil {
			t.Fatal(err)
		} else if !match {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = string(data)
	}
	return sources
}

// uses holds the names that a file uses of another: uses[file][other][name].
type uses map[string]map[string]map[string]bool

// circles returns every set of files that use each other, with the names
// behind each arrow.
func circles(t *testing.T, sources map[string]string) []string {
	t.Helper()
	arrows := usesOf(t, sources)
	reached := map[string]map[string]bool{}
	for file := range arrows {
		reached[file] = map[string]bool{}
		arrows.reach(file, reached[file])
	}
	var found []string
	done := map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(arrows)) {
		if done[file] || !reached[file][file] {
			continue
		}
		inCircle := func(other string) bool { return reached[file][other] && reached[other][file] }
		var circle strings.Builder
		for _, from := range slices.Sorted(maps.Keys(arrows)) {
			if !inCircle(from) {
				continue
			}
			done[from] = true
			for _, to := range slices.Sorted(maps.Keys(arrows[from])) {
				if inCircle(to) {
					fmt.Fprintf(&circle, "\t%s -> %s: %s\n", from, to, strings.Join(slices.Sorted(maps.Keys(arrows[from][to])), ", "))
				}
			}
		}
		found = append(found, circle.String())
	}
	return found
}

// reach adds all files that a file uses, directly or through others.
func (u uses) reach(file string, reached map[string]bool) {
	for other := range u[file] {
		if !reached[other] {
			reached[other] = true
			u.reach(other, reached)
		}
	}
}

// usesOf resolves the names of one package. Imports are left out, and with them
// all errors: names of other packages do not matter here.
func usesOf(t *testing.T, sources map[string]string) uses {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		file, err := parser.ParseFile(files, name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}}
	checked, _ := config.Check("p", files, parsed, info)
	found := uses{}
	for ident, object := range info.Uses {
		from, to := files.Position(ident.Pos()).Filename, files.Position(object.Pos()).Filename
		if object.Pkg() != checked || from == to || !isGlobal(object) {
			continue
		}
		if found[from] == nil {
			found[from] = map[string]map[string]bool{}
		}
		if found[from][to] == nil {
			found[from][to] = map[string]bool{}
		}
		found[from][to][object.Name()] = true
	}
	return found
}

// isGlobal is true of package-level names and of methods.
func isGlobal(object types.Object) bool {
	if f, ok := object.(*types.Func); ok && f.Signature().Recv() != nil {
		return true
	}
	return object.Parent() == object.Pkg().Scope()
}
