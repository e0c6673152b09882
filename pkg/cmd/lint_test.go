package cmd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

type lintFinding struct {
	ID, Severity, Field, Reason string
	Object                      struct{ Kind, Namespace, Name string }
	Environments                []string
	Source                      string
}

// linted runs lint and returns its findings, those of CA certificates left out.
func linted(t *testing.T, args ...string) []lintFinding {
	t.Helper()
	out, _ := certs(t, 0, append([]string{"lint", "--fail-on", "never", "-o", "json", "--as-of", "2026-11-22"}, args...)...)
	var list struct{ Items []lintFinding }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	list.Items = slices.DeleteFunc(list.Items, func(f lintFinding) bool { return strings.HasPrefix(f.ID, "T") })
	for i, f := range list.Items { // one overlay of several is the place
		if overlay := filepath.Dir(f.Source); filepath.Base(overlay) == "overlays" && len(must(os.ReadDir(overlay))) > 1 {
			list.Items[i].Environments = []string{filepath.Base(f.Source)}
		}
		list.Items[i].Source = ""
	}
	slices.SortFunc(list.Items, func(a, b lintFinding) int { return strings.Compare(a.key(), b.key()) })
	return joined(list.Items)
}

// joined joins the environments of findings that differ only in their places: the
// lines of a certs.yaml, or the files of a tree.
func joined(sorted []lintFinding) []lintFinding {
	var all []lintFinding
	at := map[string]int{}
	for _, f := range sorted {
		environments := f.Environments
		f.Environments = nil
		i, known := at[f.key()]
		if !known {
			i = len(all)
			at[f.key()] = i
			all = append(all, f)
		}
		all[i].Environments = append(all[i].Environments, environments...)
	}
	return all
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (f lintFinding) key() string {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// TestLintGolden: of a certs.yaml lint says what it says of the tree that was
// generated from it, and no generated tree has errors.
func TestLintGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "*.txtar"))
	files = slices.DeleteFunc(files, func(file string) bool {
		dir := filepath.Base(filepath.Dir(file))
		return dir != "overlay" && dir != "cafe"
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	met := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := txtar.Write(archive, dir); err != nil {
				t.Fatal(err)
			}
			planned := linted(t, "-f", filepath.Join(dir, "certs.yaml"))
			for _, f := range planned {
				met[f.ID] = true
				if f.Severity == "error" && f.ID != "C204" { // an address of the documentation
					t.Errorf("what generate writes has errors: %s %s %s: %s", f.ID, f.Object, f.Field, f.Reason)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "overlays")); err != nil {
				return // nothing but files for nodes
			}
			if diff := cmp.Diff(planned, linted(t, filepath.Join(dir, "overlays"))); diff != "" {
				t.Errorf("(-certs.yaml +tree)\n%s", diff)
			}
		})
	}
	if len(met) < 3 {
		t.Errorf("next to nothing is found: %v", met)
	}
}
