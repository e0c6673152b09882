package project

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

const header = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"

// issuers is a certs.yaml of two environments, which differ.
const issuers = header + `metadata: {name: shop}
issuers:
- {name: web, ca: {secretName: ca}}
- {name: corp, ca: {secretName: corp}}
environments:
- name: staging
  issuers: {web: {ca: {secretName: ca-staging}}}
- name: prod
`

// fill writes files into a new folder and returns the options of the certs.yaml in it.
func fill(t *testing.T, files map[string]string) Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return Options{File: filepath.Join(dir, "certs.yaml"), Now: time.Now()}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, o Options) *Project {
	t.Helper()
	p, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// generate writes the tree of a certs.yaml.
func generate(t *testing.T, o Options) *Tree {
	t.Helper()
	tree := readTree(t, open(t, o))
	u, err := tree.Update(false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Write(u); err != nil {
		t.Fatal(err)
	}
	return readTree(t, open(t, o))
}

func readTree(t *testing.T, p *Project) *Tree {
	t.Helper()
	tree, err := p.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// text is the text of an error, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestSelectEnvironments(t *testing.T) {
	const plain = header + "issuers: [{name: web, ca: {secretName: ca}}]\n"
	for name, tt := range map[string]struct {
		file, environment string
		want, wrong       string
		several           string
	}{
		"all":                        {issuers, "", "staging prod", "", "certs.yaml has several environments; choose one with -e: staging, prod"},
		"one":                        {issuers, "prod", "prod", "", ""},
		"another":                    {issuers, "staging", "staging", "", ""},
		"an unknown one":             {issuers, "qa", "", `no environment "qa" in FILE; it has staging, prod`, ""},
		"a file without any":         {plain, "", "default", "", ""},
		"the default by name":        {plain, "default", "default", "", ""},
		"an unknown one without any": {plain, "prod", "", `no environment "prod" in FILE; it has default`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := fill(t, map[string]string{"certs.yaml": tt.file})
			o.Environment = tt.environment
			p, err := Open(t.Context(), o)
			if diff := cmp.Diff(strings.ReplaceAll(tt.wrong, "FILE", o.File), text(err)); diff != "" {
				t.Fatalf("error (-want +got):\n%s", diff)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(tt.want, strings.Join(Names(p.Environments()), " ")); diff != "" {
				t.Errorf("environments (-want +got):\n%s", diff)
			}
			e, err := p.Environment()
			if diff := cmp.Diff(tt.several, text(err)); diff != "" {
				t.Errorf("for a cluster (-want +got):\n%s", diff)
			}
			if err == nil && e.Name != tt.want {
				t.Errorf("for a cluster %q, want %q", e.Name, tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers, "broken.yaml": header + "issuers: [{name: web}]\nexpose: 1\n", "linked/x": ""})
	dir := filepath.Dir(o.File)
	outside := filepath.Join(t.TempDir(), "certs.yaml")
	write(t, outside, issuers)
	if err := os.Symlink(outside, filepath.Join(dir, "linked", "certs.yaml")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".git", "HEAD"), "ref: refs/heads/main\n") // links out of a work tree are refused

	if doc, err := Parse(o); err != nil || doc.Name() != o.File {
		t.Errorf("%s is read as %q: %v", o.File, doc.Name(), err)
	}
	if doc, err := Parse(Options{File: Stdin, Stdin: strings.NewReader(issuers)}); err != nil || doc.Name() != "stdin" || len(doc.Environments) != 2 {
		t.Errorf("stdin is read as %q: %v", doc.Name(), err)
	}
	_, err := Parse(Options{File: filepath.Join(dir, "nowhere.yaml"), Named: true})
	if _, missing := errors.AsType[*NotFoundError](err); !missing || !errors.Is(err, os.ErrNotExist) || !strings.HasSuffix(text(err), "nowhere.yaml: no such file or folder") {
		t.Errorf("a missing file is %#v: %v", err, err)
	}
	_, err = Parse(Options{File: filepath.Join(dir, "nowhere.yaml")})
	if _, missing := errors.AsType[*NotFoundError](err); !missing || text(err) != "no certs.yaml in this folder, or above it in a Git repository" {
		t.Errorf("a missing certs.yaml is %#v: %v", err, err)
	}
	_, err = Parse(Options{File: filepath.Join(dir, "broken.yaml")})
	if bad, ok := errors.AsType[*problem.Error](err); !ok || len(bad.Problems) != 2 {
		t.Errorf("a broken file is %v, want its 2 problems", err)
	}
	if _, missing := errors.AsType[*NotFoundError](err); missing {
		t.Error("a broken file counts as missing")
	}
	linked := Options{File: filepath.Join(dir, "linked", "certs.yaml")}
	if _, err := Parse(linked); !strings.Contains(text(err), "outside") {
		t.Errorf("a default file that is a link out of the work tree: %v", err)
	}
	linked.Named = true
	if _, err := Parse(linked); err != nil {
		t.Errorf("a file that the user names may be a link: %v", err)
	}
}

func TestTreeDir(t *testing.T) {
	for want, o := range map[string]Options{
		filepath.Join("a", "b"): {File: filepath.Join("a", "b", "certs.yaml")},
		".":                     {File: "certs.yaml"},
		"out":                   {File: filepath.Join("a", "certs.yaml"), Dir: "out"},
	} {
		if got := o.TreeDir(); got != want {
			t.Errorf("%+v: %q, want %q", o, got, want)
		}
	}
}

// files are the files below a folder, by slash path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		relative, _ := filepath.Rel(dir, name)
		found[filepath.ToSlash(relative)] = string(bytes.TrimSpace(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
