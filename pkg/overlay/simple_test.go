package overlay_test

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestBuildsWithoutKustomize: the trees that we write are built without kustomize, which
// takes many times as long.
func TestBuildsWithoutKustomize(t *testing.T) {
	for _, file := range goldenCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			_, files := readArchive(t, file)
			p := planFiles(t, files)
			fsys := mapFS(p.tree)
			var b overlay.Builder
			for _, e := range p.environments {
				got, err := b.Build(fsys, path.Join(overlay.OverlaysDir, e.Name))
				if err != nil || len(got) != len(e.Objects) {
					t.Errorf("%s: %d objects, want %d, %v", e.Name, len(got), len(e.Objects), err)
				}
			}
			if n := b.ByKustomize(); n > 0 {
				t.Errorf("%d built by kustomize", n)
			}
		})
	}
}

// TestNeedsKustomize has what kustomize must build, since a kustomization says more than
// we do or says it in another way, and what comes of it.
func TestNeedsKustomize(t *testing.T) {
	const a, b = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
	const patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: w}\n"
	for name, tt := range map[string]struct {
		kustomization string
		more          map[string]string
		kustomize     bool
		want          string // objects, or how the error ends
	}{
		"resources":              {"resources: [a.yaml, b.yaml]", nil, false, "a=v b="},
		"nothing":                {"resources: []", nil, false, ""},
		"its kind":               {"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]", nil, false, "a=v"},
		"another kind":           {"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]", nil, true, "a=v"},
		"a prefix":               {"namePrefix: x-\nresources: [a.yaml]", nil, true, "x-a=v"},
		"a folder":               {"resources: [sub]", map[string]string{"sub/kustomization.yaml": "resources: [c.yaml]", "sub/c.yaml": a}, false, "a=v"},
		"a folder's prefix":      {"resources: [sub]", map[string]string{"sub/kustomization.yaml": "namePrefix: x-\nresources: [c.yaml]", "sub/c.yaml": a}, true, "x-a=v"},
		"a folder twice":         {"resources: [sub, sub]", map[string]string{"sub/kustomization.yaml": "resources: [c.yaml]", "sub/c.yaml": a}, true, "may not add resource"},
		"a file twice":           {"resources: [a.yaml, a.yaml]", nil, true, "may not add resource"},
		"a file from outside":    {"resources: [../c.yaml]", map[string]string{"../c.yaml": a}, true, "security"},
		"a file that is lost":    {"resources: [c.yaml]", nil, true, "accumulating resources"},
		"a list of lists":        {"resources: [[a.yaml]]", nil, true, "build dir"},
		"not a list":             {"resources: a.yaml", nil, true, "build dir"},
		"kustomize's annotation": {"resources: [c.yaml]", map[string]string{"c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {config.kubernetes.io/local-config: 'true'}}\n"}, true, ""},
		"any annotation":         {"resources: [c.yaml]", map[string]string{"c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {example.com/local-config: 'true'}}\n"}, false, "a="},
		"two kustomizations":     {"resources: [a.yaml]", map[string]string{"kustomization.yml": "resources: [a.yaml]"}, true, "Found multiple kustomization files"},
		"our patch":              {"resources: [a.yaml]\npatches: [{path: p.yaml}]", map[string]string{"p.yaml": "signed " + patch}, false, "a=w"},
		"our patch that deletes": {"resources: [a.yaml, b.yaml]\npatches: [{path: p.yaml}]", map[string]string{"p.yaml": "signed $patch: delete\n" + patch}, false, "b="},
		"a patch of what is deleted": {"resources: [a.yaml, b.yaml]\npatches: [{path: p.yaml}, {path: q.yaml}]", map[string]string{
			"p.yaml": "signed $patch: delete\n" + patch, "q.yaml": "signed " + patch,
		}, true, "no matches for Id"},
		"the user's patch":          {"resources: [a.yaml]\npatches: [{path: p.yaml}]", map[string]string{"p.yaml": patch}, true, "a=w"},
		"our patch, edited by hand": {"resources: [a.yaml]\npatches: [{path: p.yaml}]", map[string]string{"p.yaml": "signed " + patch + "EDIT"}, true, "a=x"},
		"our patch of nothing":      {"resources: [b.yaml]\npatches: [{path: p.yaml}]", map[string]string{"p.yaml": "signed " + patch}, true, "no matches for Id"},
		"our patch with a target":   {"resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]", map[string]string{"p.yaml": "signed " + patch}, true, "a=w"},
		"a patch in line":           {"resources: [a.yaml]\npatches: [{patch: '" + strings.ReplaceAll(strings.TrimSpace(patch), "\n", "\n\n  ") + "'}]", nil, true, "a=w"},
		"a patch's name alone":      {"resources: [a.yaml]\npatches: [p.yaml]", map[string]string{"p.yaml": "signed " + patch}, true, "build dir"},
		"a patch's names":           {"resources: [a.yaml]\npatches: [{path: [p.yaml]}]", map[string]string{"p.yaml": "signed " + patch}, true, "build dir"},
		"a patch without a name":    {"resources: [a.yaml]\npatches: [{path: ''}]", nil, true, "build dir"},
		"a patch by another name":   {"resources: [a.yaml]\npatches: [{paths: p.yaml}]", map[string]string{"p.yaml": "signed " + patch}, true, "build dir"},
		"a lost patch":              {"resources: [a.yaml]\npatches: [{path: p.yaml}]", nil, true, "PatchTransformer"},
		"our configuration":         {"resources: [a.yaml]\nconfigurations: [name-references.yaml]", map[string]string{"name-references.yaml": "signed nameReference: []\n"}, false, "a=v"},
		"the user's configuration":  {"resources: [a.yaml]\nconfigurations: [name-references.yaml]", map[string]string{"name-references.yaml": "nameReference: []\n"}, true, "a=v"},
		"another configuration":     {"resources: [a.yaml]\nconfigurations: [c.yaml]", map[string]string{"c.yaml": "signed nameReference: []\n"}, true, "a=v"},
		"a lost configuration":      {"resources: [a.yaml]\nconfigurations: [name-references.yaml]", nil, true, "name-references.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"dir/kustomization.yaml": file(tt.kustomization), "dir/a.yaml": file(a), "dir/b.yaml": file(b)}
			for name, text := range tt.more {
				content, signed := strings.CutPrefix(text, "signed ")
				if signed {
					before, edited := strings.CutSuffix(content, "EDIT")
					content = string(overlay.Signed(before))
					if edited {
						content = strings.Replace(content, "k: w", "k: x", 1)
					}
				}
				files[path.Join("dir", name)] = file(content)
			}
			var b overlay.Builder
			objects, err := b.Build(files, "dir")
			var got []string
			for _, o := range objects {
				text, _ := o.Map("data")["k"].(string)
				got = append(got, o.Name()+"="+text)
			}
			if err != nil {
				if tt.want == "" || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %s", err, tt.want)
				}
			} else if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if byKustomize := b.ByKustomize() > 0; byKustomize != tt.kustomize {
				t.Errorf("built by kustomize: %v, want %v", byKustomize, tt.kustomize)
			}
		})
	}
}

// BenchmarkBuild builds the generated tree of n routes as the Builder does, and
// with kustomize.
func BenchmarkBuild(b *testing.B) {
	builds := map[string]func(fs.FS, string) ([]manifest.Object, error){
		"own":       func(fsys fs.FS, dir string) ([]manifest.Object, error) { return new(overlay.Builder).Build(fsys, dir) },
		"kustomize": overlay.Kustomize,
	}
	for _, n := range []int{100, 1000, 3000} {
		var text strings.Builder
		text.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- {name: web, acme: {server: letsencrypt, solvers: [{http01: {}}]}}\nexpose:\n")
		for i := range n {
			fmt.Fprintf(&text, "- {name: shop-%[1]d, namespace: team-%[2]d, host: shop-%[1]d.example.com, className: traefik, issuer: web, routes: [{path: /, service: shop, port: 80}]}\n", i, i%20)
		}
		fsys := mapFS(planSpec(b, []byte(text.String())).tree)
		for _, name := range []string{"own", "kustomize"} {
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if objects, err := builds[name](fsys, "overlays/default"); err != nil || len(objects) < n {
						b.Fatalf("%d objects: %v", len(objects), err)
					}
				}
			})
		}
	}
}
