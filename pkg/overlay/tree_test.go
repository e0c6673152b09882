package overlay_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// manyRoutes is a certs.yaml with n hosts in some namespaces.
func manyRoutes(n int, environments string) []byte {
	var b strings.Builder
	b.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- {name: web, acme: {server: letsencrypt, solvers: [{http01: {}}]}}\nexpose:\n")
	for i := range n {
		fmt.Fprintf(&b, "- name: shop-%05d\n  namespace: team-%02d\n  host: shop-%05d.example.com\n  className: traefik\n  issuer: web\n", i, i%20, i)
		b.WriteString("  routes:\n  - {path: /, service: shop, port: 80}\n  - {path: /api, service: api, port: 8080}\n")
	}
	b.WriteString(environments)
	return []byte(b.String())
}

// TestLargeTree: many routes are neither as many files nor one, and a route
// more changes one file of theirs.
func TestLargeTree(t *testing.T) {
	for _, n := range []int{101, 1000, 4000} {
		files := planSpec(t, manyRoutes(n, "")).generated.Files
		if len(files) < 5 || len(files) > 20+n/20 {
			t.Errorf("%d routes are %d files", n, len(files))
		}
		largest := 0
		for name, f := range files {
			largest = max(largest, len(f.Objects))
			for _, o := range f.Objects {
				if prefix := "ingress-" + o.Namespace(); o.Kind() == "Ingress" && !strings.HasPrefix(path.Base(name), prefix) {
					t.Errorf("%s is in %s", o.ID(), name)
				}
			}
		}
		if largest > 1000 {
			t.Errorf("%d routes: the largest file has %d", n, largest)
		}
	}
	before, after := planSpec(t, manyRoutes(3000, "")), planSpec(t, manyRoutes(3001, ""))
	u, err := overlay.Plan(before.tree, after.generated, false)
	if err != nil {
		t.Fatal(err)
	}
	touched := slices.DeleteFunc(slices.Sorted(maps.Keys(u.Writes)), func(name string) bool { return strings.HasSuffix(name, "kustomization.yaml") })
	if len(touched) != 1 || len(u.Deletes) != 0 {
		t.Errorf("one route more writes %v and deletes %v", touched, u.Deletes)
	}
}

// TestLargeStatic: permanent routes of many hosts, all in one namespace, share
// files as routes do, and a host more changes one of them.
func TestLargeStatic(t *testing.T) {
	static := func(n int) planned {
		return planSpec(t, bytes.Replace(manyRoutes(n, ""), []byte("issuers:"), []byte("responder: {default: true}\nissuers:"), 1))
	}
	before, after := static(3000), static(3001)
	files := 0
	for name, f := range before.generated.Files {
		if path.Dir(name) != overlay.ResponderDir {
			continue
		}
		files++
		if len(f.Objects) > 300 {
			t.Errorf("%s has %d objects", name, len(f.Objects))
		}
	}
	if files < 10 || files > 60 {
		t.Errorf("3000 permanent routes are %d files", files)
	}
	u, err := overlay.Plan(before.tree, after.generated, false)
	if err != nil {
		t.Fatal(err)
	}
	var touched []string
	for name := range u.Writes {
		if path.Dir(name) == overlay.ResponderDir && !strings.HasSuffix(name, "kustomization.yaml") {
			touched = append(touched, name)
		}
	}
	if len(touched) != 1 || len(u.Deletes) != 0 {
		t.Errorf("one host more writes %v and deletes %v", touched, u.Deletes)
	}
}

// TestLargeEnvironments: patches of many objects share files as objects do.
func TestLargeEnvironments(t *testing.T) {
	p := planSpec(t, manyRoutes(150, "environments:\n- {name: dev, className: traefik-dev}\n- {name: moved, hosts: {example.com: example.net}}\n"))
	checkBuilds(t, p)
	patches := 0
	for name := range p.tree {
		if strings.HasPrefix(name, "overlays/dev/patch-") {
			patches++
		}
	}
	if patches < 2 || patches > 40 {
		t.Errorf("150 routes have %d files of patches", patches)
	}
}

// TestBuilderAgrees holds our own build to kustomize's on kustomizations of
// people, which it must build alike or hand over.
func TestBuilderAgrees(t *testing.T) {
	_, files := readArchive(t, "../../testdata/overlay/environments.txtar")
	p := planFiles(t, files)
	for name, k := range map[string]string{
		"as generated":     "",
		"prefix":           "namePrefix: x-\n",
		"namespace":        "namespace: other\n",
		"labels":           "labels: [{pairs: {a: b}}]\n",
		"inline patch":     "patches: [{target: {kind: Ingress}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"a\": \"b\"}}]'}]\n",
		"generator":        "configMapGenerator: [{name: x, literals: [a=b]}]\n",
		"component":        "components: [../../c]\n",
		"patch by pattern": "patches: [{path: patch.yaml, target: {kind: Ing.*}}]\n",
		"foreign patch":    "patches: [{path: patch.yaml}]\n",
		"local config":     "resources: [local.yaml]\n",
		"list":             "resources: [list.yaml]\n",
		"inline resources": "resources: [more.yaml]\n",
	} {
		t.Run(name, func(t *testing.T) {
			fsys := mapFS(p.tree)
			extra := overlay.Tree{
				"overlays/own/kustomization.yaml": []byte("kind: Kustomization\n" + k),
				"overlays/own/patch.yaml":         []byte("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop, namespace: shop, labels: {x: y}}\n"),
				"overlays/own/local.yaml":         []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {config.kubernetes.io/local-config: 'true'}}\n"),
				"overlays/own/list.yaml":          []byte("apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"),
				"overlays/own/more.yaml":          []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 'yes', b: \"1\", c: on}\n"),
				"c/kustomization.yaml":            []byte("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -c\n"),
			}
			for file, data := range mapFS(extra) {
				fsys[file] = data
			}
			own := overlay.Kustomization{Resources: []string{"../dev"}}
			edited, err := own.Edit(extra["overlays/own/kustomization.yaml"], func(string) bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			fsys["overlays/own/kustomization.yaml"].Data = edited
			want, err := overlay.Kustomize(fsys, "overlays/own")
			if err != nil {
				t.Fatal(err)
			}
			var b overlay.Builder
			got, err := b.Build(fsys, "overlays/own")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(objectMap(t, want), objectMap(t, got)); diff != "" {
				t.Errorf("(-kustomize +ours):\n%s", diff)
			}
		})
	}
}

func TestBuildErrors(t *testing.T) {
	for name, tree := range map[string]overlay.Tree{
		"missing resource": {"k/kustomization.yaml": []byte("resources: [gone.yaml]\n")},
		"outside":          {"k/kustomization.yaml": []byte("resources: [../a.yaml]\n"), "a.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
		"twice":            {"k/kustomization.yaml": []byte("resources: [a.yaml, b.yaml]\n"), "k/a.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"), "k/b.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
		"loop":             {"k/kustomization.yaml": []byte("resources: [../l]\n"), "l/kustomization.yaml": []byte("resources: [../k]\n")},
		"no kustomization": {"k/a.yaml": []byte("a: b\n")},
		"patch of nothing": {"k/kustomization.yaml": []byte("patches: [{path: p.yaml}]\n"), "k/p.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
	} {
		var b overlay.Builder
		objects, err := b.Build(mapFS(tree), "k")
		if err == nil || !strings.HasPrefix(err.Error(), "build k: ") {
			t.Errorf("%s: built to %v, error %v", name, objects, err)
		}
	}
}

func TestOriginOf(t *testing.T) {
	var data []byte
	for name, f := range planSpec(t, manyRoutes(1, "")).tree {
		if overlay.OriginOf(f) != overlay.Ours {
			t.Errorf("%s is not ours", name)
		}
		data = f
	}
	text := string(data)
	for change, want := range map[string]overlay.Origin{
		strings.ReplaceAll(text, "\n", "\r\n"):          overlay.Ours,
		text + "# more\n":                               overlay.Edited,
		strings.Replace(text, "sha256:", "sha256:0", 1): overlay.Edited,
		strings.TrimPrefix(text, "#"):                   overlay.Foreign,
		"":                                              overlay.Foreign,
	} {
		if got := overlay.OriginOf([]byte(change)); got != want {
			t.Errorf("%.60q: got %v, want %v", change, got, want)
		}
	}
}

// TestLayerShowsUpdate shows an update as if it were written.
func TestLayerShowsUpdate(t *testing.T) {
	under := mapFS(overlay.Tree{"r/a": []byte("old"), "r/b": []byte("b"), "r/gone": []byte("x")})
	l := overlay.Layer(under, "r", overlay.Update{Writes: overlay.Tree{"a": []byte("new"), "d/e/f": []byte("f")}, Deletes: []string{"gone"}})
	for name, want := range map[string]string{"r/a": "new", "r/b": "b", "r/d/e/f": "f"} {
		if got, err := fs.ReadFile(l, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := fs.Stat(l, "r/gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted file is still there: %v", err)
	}
	if info, err := fs.Stat(l, "r/d/e"); err != nil || !info.IsDir() {
		t.Errorf("a new folder is not there: %v", err)
	}
}
