package pkg

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxFiles is the number of files that a package may have without its tests, so
// that a reader finds the one that matters.
const maxFiles = 25

// maxLines are the packages that attract what belongs elsewhere, with the lines
// that they may have without their tests.
var maxLines = map[string]int{"pkg/cmd/cmdutil": 600}

// TestSizes: no package has more than maxFiles files, or more lines than maxLines
// allows.
func TestSizes(t *testing.T) {
	root, err := os.OpenRoot("..")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, problem := range tooLarge(t, root.FS()) {
		t.Error(problem)
	}
	for _, pkg := range slices.Sorted(maps.Keys(maxLines)) {
		if _, err := root.Stat(filepath.FromSlash(pkg)); err != nil {
			t.Errorf("%s is in the table of lines, and nowhere else", pkg)
		}
	}
}

// TestSizesCanFail: one file and one line too many are found, and tests do not
// count.
func TestSizesCanFail(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxFiles + 1 {
		write(fmt.Sprintf("pkg/many/f%d.go", i), "package many\n")
		write(fmt.Sprintf("pkg/few/f%d_test.go", i), "package few\n")
	}
	write("pkg/cmd/cmdutil/a.go", strings.Repeat("\n", 600))
	write("pkg/cmd/cmdutil/a_test.go", "package cmdutil\n")
	want := []string{"pkg/many has 26 files, want at most 25"}
	if got := tooLarge(t, os.DirFS(dir)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	write("pkg/cmd/cmdutil/b.go", "package cmdutil\n")
	want = append([]string{"pkg/cmd/cmdutil has 601 lines, want at most 600"}, want...)
	if got := tooLarge(t, os.DirFS(dir)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// tooLarge reports the packages that exceed a limit.
func tooLarge(t *testing.T, tree fs.FS) []string {
	t.Helper()
	files, lines := map[string]int{}, map[string]int{}
	err := fs.WalkDir(tree, ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && file != "." && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(tree, file)
		files[path.Dir(file)]++
		lines[path.Dir(file)] += strings.Count(string(data), "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(files)) {
		if files[pkg] > maxFiles {
			found = append(found, fmt.Sprintf("%s has %d files, want at most %d", pkg, files[pkg], maxFiles))
		}
		if limit, ok := maxLines[pkg]; ok && lines[pkg] > limit {
			found = append(found, fmt.Sprintf("%s has %d lines, want at most %d", pkg, lines[pkg], limit))
		}
	}
	return found
}
