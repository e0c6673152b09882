package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

const header = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"

// withHeader adds the header that most cases leave out.
func withHeader(doc string) string {
	if strings.Contains(doc, "apiVersion") {
		return doc
	}
	return header + doc
}

// broken returns the archives of files that must be refused: a .yaml and the
// .txt of its errors for each case.
func broken(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	files, err := filepath.Glob("../../testdata/config/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	archives := map[string]*txtar.Archive{}
	for _, file := range files {
		if archives[file], err = txtar.ParseFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return archives
}

func TestParseErrors(t *testing.T) {
	for file, archive := range broken(t) {
		want := map[string]string{}
		for _, f := range archive.Files {
			want[f.Name] = string(f.Data)
		}
		var rewritten []txtar.File
		for _, f := range archive.Files {
			name, isCase := strings.CutSuffix(f.Name, ".yaml")
			if !isCase {
				continue
			}
			got := problemsOf(t, string(f.Data))
			rewritten = append(rewritten, f, txtar.File{Name: name + ".txt", Data: []byte(got)})
			if *update {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+name, func(t *testing.T) {
				if diff := cmp.Diff(want[name+".txt"], got); diff != "" {
					t.Errorf("errors (-want +got):\n%s", diff)
				}
			})
		}
		if *update {
			archive.Files = rewritten
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// problemsOf parses what must be refused and returns the text of the error.
func problemsOf(t *testing.T, doc string) string {
	t.Helper()
	_, err := Parse(nil, "certs.yaml", []byte(withHeader(doc)))
	if err == nil {
		t.Errorf("no error for\n%s", doc)
		return ""
	}
	return err.Error() + "\n"
}
