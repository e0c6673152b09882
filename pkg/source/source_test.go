package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
)

const certs = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"

func configMap(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n"
}

// inFolder makes the files and makes their folder the working directory.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// commit puts the working directory into a new repository.
func commit(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "all"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}

func names(objects []manifest.Object) []string {
	var list []string
	for _, o := range objects {
		list = append(list, o.Name())
	}
	return list
}

func TestFind(t *testing.T) {
	inFolder(t, map[string]string{"a.yaml": "a", "dir/kustomization.yaml": "resources: []", "dir/b.yaml": "b"})
	commit(t)
	type found struct {
		name, data string
		folder     bool
	}
	for operand, want := range map[string]found{
		"-":                              {"stdin", "from stdin", false},
		"a.yaml":                         {"a.yaml", "a", false},
		"dir":                            {"dir", "", true},
		"dir/kustomization.yaml":         {"dir", "", true},
		"git:HEAD:a.yaml":                {"git:HEAD:a.yaml", "a", false},
		"git:HEAD:dir":                   {"git:HEAD:dir", "", true},
		"git:HEAD:":                      {"git:HEAD:", "", true},
		"git:HEAD:dir/kustomization.yml": {"git:HEAD:dir", "", true},
	} {
		t.Run(operand, func(t *testing.T) {
			r := &Reader{In: strings.NewReader("from stdin")}
			defer r.Close()
			item, err := r.Find(t.Context(), operand)
			if got := (found{item.Name, string(item.Data), item.IsFolder()}); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestFindFails(t *testing.T) {
	inFolder(t, map[string]string{"a.yaml": "a"})
	commit(t)
	for operand, want := range map[string]string{
		"none":           "none: no such file or folder",
		"git:HEAD":       "git:HEAD: invalid git operand; use git:REVISION:PATH",
		"git::a.yaml":    "git::a.yaml: invalid git operand; use git:REVISION:PATH",
		"git:HEAD:b.yml": "git:HEAD:b.yml: no such file or folder in revision HEAD",
	} {
		r := &Reader{}
		_, err := r.Find(t.Context(), operand)
		r.Close()
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", operand, err, want)
		}
		if _, ok := hint.Of(err); ok != strings.Contains(want, "invalid git operand") {
			t.Errorf("%s: has a hint: %v", operand, ok)
		}
	}
}

func TestSurvey(t *testing.T) {
	inFolder(t, map[string]string{
		"certs.yaml":                      certs,
		"loose.yaml":                      configMap("loose") + "---\nno: object\n",
		"broken.yaml":                     "apiVersion: v1\nkind: [\n",
		"chart.yaml":                      "apiVersion: {{ .Values.version }}\nkind: x\n",
		"values.yaml":                     "a: 1\n",
		"README.md":                       "# not a manifest",
		"more/loose.json":                 `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}`,
		"base/kustomization.yaml":         "resources: [a.yaml]\n",
		"base/a.yaml":                     configMap("a"),
		"base/forgotten.yaml":             configMap("forgotten"),
		"base/empty.yaml":                 "",
		"overlays/prod/kustomization.yml": "resources: [../../base]\nnamePrefix: prod-\n",
		"torn/kustomization.yaml":         "resources: [none.yaml]\n",
		"remote/kustomization.yaml":       "resources: [https://example.com/a.yaml]\n",
	})
	r := &Reader{}
	defer r.Close()
	var built []string
	r.Progress = func(what string) func() {
		built = append(built, what)
		return func() {}
	}
	folder, err := r.Find(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Survey(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	var targets [][]string
	for _, target := range s.Targets {
		var list []string
		for _, d := range target {
			list = append(list, append([]string{d.Source}, names(d.Objects)...)...)
		}
		targets = append(targets, list)
	}
	if diff := cmp.Diff([][]string{{"overlays/prod", "prod-a"}, {"loose.yaml", "loose", "more/loose.json", "json"}}, targets); diff != "" {
		t.Errorf("targets (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"building overlays/prod", "building torn"}, built); diff != "" {
		t.Errorf("progress (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"certs.yaml"}, position.Sources(s.Certs)); diff != "" {
		t.Errorf("certs.yaml (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"base/forgotten.yaml"}, position.Sources(s.Unlisted)); diff != "" {
		t.Errorf("unlisted (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"chart.yaml", "loose.yaml:5", "values.yaml"}, s.Skipped); diff != "" {
		t.Errorf("skipped (-want +got)\n%s", diff)
	}
	if len(s.Unbuilt) != 1 || !strings.HasPrefix(s.Unbuilt[0], "remote (") {
		t.Errorf("unbuilt: %q", s.Unbuilt)
	}
	if len(s.Failed) != 2 || !strings.HasPrefix(s.Failed[0].Error(), "torn: ") || !strings.HasPrefix(s.Failed[1].Error(), "broken.yaml: line 2: ") {
		t.Errorf("failed: %q", s.Failed)
	}
}

func TestSurveyEndsWithItsContext(t *testing.T) {
	inFolder(t, map[string]string{"a.yaml": configMap("a")})
	r := &Reader{}
	folder, err := r.Find(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Survey(ctx, folder); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSurveyNamesFilesOfARevision(t *testing.T) {
	inFolder(t, map[string]string{"a.yaml": configMap("a"), "dir/b.yaml": configMap("b")})
	commit(t)
	for operand, want := range map[string][]string{
		"git:HEAD:":    {"git:HEAD:a.yaml", "git:HEAD:dir/b.yaml"},
		"git:HEAD:dir": {"git:HEAD:dir/b.yaml"},
	} {
		r := &Reader{}
		folder, err := r.Find(t.Context(), operand)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Survey(t.Context(), folder)
		if err != nil || len(s.Targets) != 1 {
			t.Fatalf("%d targets, %v", len(s.Targets), err)
		}
		if diff := cmp.Diff(want, position.Sources(s.Targets[0])); diff != "" {
			t.Errorf("%s (-want +got)\n%s", operand, diff)
		}
		r.Close()
	}
}

func TestOverlays(t *testing.T) {
	inFolder(t, map[string]string{
		"tree/base/kustomization.yaml":          "resources: [a.yaml]\n",
		"tree/base/a.yaml":                      configMap("a"),
		"tree/overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
		"tree/overlays/test/kustomization.yaml": "resources: [../../base]\nnamePrefix: test-\n",
		"plain/b.yaml":                          configMap("b"),
		"plain/.hidden.yaml":                    configMap("hidden"),
		"plain/notes.txt":                       "text",
		"plain/inner/kustomization.yaml":        "resources: [c.yaml]\nnameSuffix: -built\n",
		"plain/inner/c.yaml":                    configMap("c"),
	})
	for operand, want := range map[string]map[string][]string{
		"-":                        {"stdin": {"s"}},
		"plain/b.yaml":             {"b.yaml": {"b"}},
		"tree/overlays/prod":       {"prod": {"prod-a"}},
		"tree":                     {"overlays/prod": {"prod-a"}, "overlays/test": {"test-a"}},
		"plain":                    {"plain": {"b", "c-built"}},
		"plain/inner":              {"inner": {"c-built"}},
		"plain/inner/../inner/../": {"plain": {"b", "c-built"}},
	} {
		t.Run(operand, func(t *testing.T) {
			r := &Reader{In: strings.NewReader(configMap("s"))}
			defer r.Close()
			found, err := r.Overlays(t.Context(), operand)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string][]string{}
			for _, o := range found {
				got[o.Label] = names(o.Objects)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOverlaysFail(t *testing.T) {
	inFolder(t, map[string]string{"bad.yaml": "no: object\n", "dir/inner/bad.yaml": "no: object\n", "torn/kustomization.yaml": "resources: [none.yaml]\n",
		"certs.yaml": certs, "mixed/a.yaml": configMap("a") + "---\n" + certs, "kind.yaml": "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Cert\nmetadata: {name: a}\n"})
	for operand, want := range map[string]string{
		"bad.yaml": "bad.yaml: line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed",
		"dir":      "dir: bad.yaml: line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed",
		"none":     "none: no such file or folder",

		"certs.yaml": "certs.yaml:2: kind Certs is not a manifest",
		"mixed":      "mixed: a.yaml:6: kind Certs is not a manifest",
		"kind.yaml":  "kind.yaml:2: kind: \"Cert\" must be Certs or Rotation; did you mean Certs?",
	} {
		r := &Reader{}
		if _, err := r.Overlays(t.Context(), operand); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", operand, err, want)
		}
	}
	r := &Reader{}
	if _, err := r.Overlays(t.Context(), "torn"); err == nil || !strings.HasPrefix(err.Error(), "torn: ") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Overlays(ctx, "dir"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDecodeReportsDocumentsThatAreNotObjects(t *testing.T) {
	d, incomplete, err := Decode(nil, Item{Name: "a.yaml", Data: []byte(configMap("a") + "---\nno: object\n")})
	if err != nil || d.Source != "a.yaml" || d.IsBuilt() {
		t.Errorf("got %+v, %v", d, err)
	}
	if diff := cmp.Diff([]string{"a"}, names(d.Objects)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want := "a.yaml: line 5: not a Kubernetes object: apiVersion, kind and metadata.name are needed"
	if len(incomplete) != 1 || incomplete[0].Error() != want {
		t.Errorf("got %q, want %s", incomplete, want)
	}
	if _, _, err := Decode(nil, Item{Name: "b.yaml", Data: []byte("a: [")}); err == nil || !strings.HasPrefix(err.Error(), "b.yaml: line 1: ") {
		t.Errorf("got %v", err)
	}
}

func TestStdinThatFails(t *testing.T) {
	r := &Reader{In: failing{}}
	if _, err := r.Find(t.Context(), Stdin); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Overlays(t.Context(), Stdin); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, fs.ErrClosed }
