package overlay_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// outside is what no build may contact: a server, and whatever git is run for.
type outside struct {
	url    string
	served atomic.Int32
	cloned string // exists when git was run
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	dir := t.TempDir()
	o := &outside{cloned: filepath.Join(dir, "cloned")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		o.served.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(server.Close)
	o.url = server.URL
	script := "#!/bin/sh\n: > " + o.cloned + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return o
}

// contacted reports whether it was since it was last asked.
func (o *outside) contacted() bool {
	cloned, served := os.Remove(o.cloned) == nil, o.served.Swap(0) > 0
	return cloned || served
}

const (
	download = " is remote, and remote manifests are not downloaded; download it, for example with curl, and refer to the copy instead"
	clone    = " is remote, and remote manifests are not downloaded; clone it with git clone and refer to the folder instead, or run kustomize localize"
)

// TestRemote: what a kustomization names elsewhere is refused, all of it at once,
// and nothing is contacted.
func TestRemote(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("git is a shell script here")
	}
	o := newOutside(t)
	const config = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\n"
	for _, tt := range []struct {
		name, text string
		more       map[string]string // files beside it
		want       string            // {} is the server
		// contacts means that kustomize would contact something.
		contacts bool
	}{
		{"file", "resources: ['{}/x.yaml']", nil, "k/kustomization.yaml: resources: {}/x.yaml" + download, true},
		{"upper case", "Resources: ['{UPPER}/x.yaml']", nil, "k/kustomization.yaml: resources: {UPPER}/x.yaml" + download, true},
		{"password", "resources: ['http://user:hunter2@{host}/x.yaml?token=hunter2&ref=v1']", nil, "k/kustomization.yaml: resources: http://…@{host}/x.yaml?token=…&ref=v1" + download, true},
		{"password with @", "resources: ['http://user:hunt@hunter2@{host}/x.yaml']", nil, "k/kustomization.yaml: resources: http://…@{host}/x.yaml" + download, true},
		{"repository", "resources: ['{}/o/r.git?ref=v1']", nil, "k/kustomization.yaml: resources: {}/o/r.git?ref=v1" + clone, true},
		{"git::", "resources: ['git::{}/o/r']", nil, "k/kustomization.yaml: resources: git::{}/o/r" + clone, true},
		{"local repository", "resources: ['file:///srv/r?ref=v1']", nil, "k/kustomization.yaml: resources: file:///srv/r?ref=v1" + clone, true},
		{"folder with ref", "resources: ['../r//k?ref=v1']", nil, "k/kustomization.yaml: resources: ../r//k?ref=v1" + clone, false},
		{"GitHub", "bases: [GitHub.com/o/r]", nil, "k/kustomization.yaml: resources: GitHub.com/o/r" + clone, true},
		{"GitHub that is a folder", "resources: [github.com/o/r]", map[string]string{"k/github.com/o/r/kustomization.yaml": "namePrefix: a"}, "k/kustomization.yaml: resources: github.com/o/r" + clone, true},
		{"SSH", "resources: ['git@host.invalid:o/r']", nil, "k/kustomization.yaml: resources: git@host.invalid:o/r" + clone, true},
		{"SSH that is a file", "resources: [git@host.invalid/o/r]", map[string]string{"k/git@host.invalid/o/r": "not a manifest"}, "k/kustomization.yaml: resources: git@host.invalid/o/r" + clone, true},
		{"lines", "resources: [\"git@host.invalid:o/r\\n\"]", nil, "k/kustomization.yaml: resources: git@host.invalid:o/r\n" + clone, true},
		{"other scheme", "resources: ['oci://host.invalid/r']", nil, "k/kustomization.yaml: resources: oci://host.invalid/r" + download, false},
		{"component", "components: ['{}/o/r']", nil, "k/kustomization.yaml: components: {}/o/r" + clone, true},
		{"CRD", "crds: ['{}/x/y']", nil, "k/kustomization.yaml: crds: {}/x/y" + download, true},
		{"configuration", "configurations: ['{}/x']", nil, "k/kustomization.yaml: configurations: {}/x" + download, true},
		{"OpenAPI", "openapi: {path: '{}/x'}", nil, "k/kustomization.yaml: openapi: {}/x" + download, true},
		{"patch", "patches: [{path: '{}/x', target: {name: a}}]", nil, "k/kustomization.yaml: patches: {}/x" + download, true},
		{"JSON patch", "patchesJson6902: [{path: '{}/x', target: {version: v1, kind: A, name: a}}]", nil, "k/kustomization.yaml: patchesJson6902: {}/x" + download, true},
		{"merge patch", "patchesStrategicMerge: ['{}/x']", nil, "k/kustomization.yaml: patchesStrategicMerge: {}/x" + download, true},
		{"replacement", "replacements: [{path: '{}/x'}]", nil, "k/kustomization.yaml: replacements: {}/x" + download, true},
		{"file of a ConfigMap", "configMapGenerator: [{name: a, files: ['a=HTTP://{host}/x']}]", nil, "k/kustomization.yaml: configMapGenerator: HTTP://{host}/x" + download, true},
		{"odd key", "configMapGenerator: [{name: a, files: ['a/b={}/x']}]", nil, "k/kustomization.yaml: configMapGenerator: {}/x" + download, true},
		{"envs", "configMapGenerator: [{name: a, envs: ['{}/x']}]", nil, "k/kustomization.yaml: configMapGenerator: {}/x" + download, true},
		{"env of a Secret", "secretGenerator: [{name: a, env: '{}/x'}]", nil, "k/kustomization.yaml: secretGenerator: {}/x" + download, true},
		{"generator", "generators: [g.yaml]", map[string]string{"k/g.yaml": config + "files: ['{}/x']"}, "k/g.yaml: files: {}/x" + download, true},
		{"second document", "generators: [g.yaml]", map[string]string{"k/g.yaml": config + "---\n" + strings.ReplaceAll(config, "name: a", "name: b") + "files: ['{}/x']"}, "k/g.yaml: files: {}/x" + download, true},
		{"key in capitals", "generators: [g.yaml]", map[string]string{"k/g.yaml": config + "FILES: ['{}/x']"}, "k/g.yaml: FILES: {}/x" + download, true},
		{"duplicate key", "generators: [g.yaml]", map[string]string{"k/g.yaml": config + "files: [g.yaml]\nfiles: ['{}/x']"}, "k/g.yaml: files: {}/x" + download, false},
		{"alias", "generators: [g.yaml]", map[string]string{"k/g.yaml": config + "x: &x ['{}/x']\nfiles: *x"}, "k/g.yaml: files: {}/x" + download, true},
		{"merge key", "generators: [g.yaml]", map[string]string{"k/g.yaml": config + "x: &x {files: ['{}/x']}\n<<: *x"}, "k/g.yaml: files: {}/x" + download, true},
		{"inline generator", "generators: ['" + "{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: a}, files: [\"{}/x\"]}" + "']", nil, "k/kustomization.yaml: files: {}/x" + download, true},
		{"generator elsewhere", "generators: ['{}/x']", nil, "k/kustomization.yaml: generators: {}/x" + download, true},
		{"transformer", "transformers: [t.yaml]", map[string]string{"k/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: '{}/x'"}, "k/t.yaml: path: {}/x" + download, true},
		{"value", "transformers: [t.yaml]", map[string]string{"k/t.yaml": "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: a}\nvalue: b\ntargetFilePath: '{}/x'"}, "k/t.yaml: targetFilePath: {}/x" + download, true},
		{"validator", "validators: [t.yaml]", map[string]string{"k/t.yaml": "apiVersion: builtin\nkind: PatchStrategicMergeTransformer\nmetadata: {name: a}\npaths: ['{}/x']"}, "k/t.yaml: paths: {}/x" + download, true},
		{"folder of generators", "generators: [g]", map[string]string{"k/g/kustomization.yaml": "resources: [g.yaml]", "k/g/g.yaml": config + "files: ['{}/x']"}, "k/g/g.yaml: files: {}/x" + download, true},
		{
			"generator by a patch", "generators: [g]",
			map[string]string{
				"k/g/kustomization.yaml": "resources: [g.yaml]\npatches: [{target: {kind: ConfigMapGenerator}, patch: '[{\"op\": \"add\", \"path\": \"/files\", \"value\": [\"{}/x\"]}]'}]",
				"k/g/g.yaml":             config,
			},
			"k/g/kustomization.yaml: a folder of generators, transformers or validators must have only resources, because otherwise their references are not known", true,
		},
		{"base of a base", "resources: [../b]", map[string]string{"b/kustomization.yaml": "resources: [../c]", "c/kustomization.yml": "resources: ['{}/x']"}, "c/kustomization.yml: resources: {}/x" + download, true},
		{
			"all at once", "resources: ['{}/x', '{}/y', ../b]\nhelmCharts: [{name: c}]", map[string]string{"b/kustomization.yaml": "components: ['{}/z/z']"},
			"k/kustomization.yaml: helmCharts: Helm charts are not rendered; run helm template, and add its output to resources instead\n" +
				"k/kustomization.yaml: resources: {}/x" + download + "\nk/kustomization.yaml: resources: {}/y" + download + "\nb/kustomization.yaml: components: {}/z/z" + clone, true,
		},
		{"old charts", "helmChartInflationGenerator: [{chartName: c}]", nil, "k/kustomization.yaml: helmCharts: Helm charts are not rendered; run helm template, and add its output to resources instead", false},
		{"chart by a generator", "generators: [g.yaml]", map[string]string{"k/g.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\nname: c"}, "k/g.yaml: HelmChartInflationGenerator: Helm charts are not rendered; run helm template, and add its output to resources instead", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fill := strings.NewReplacer("{}", o.url, "{UPPER}", strings.Replace(o.url, "http", "HTTP", 1), "{host}", strings.TrimPrefix(o.url, "http://"))
			dir := t.TempDir()
			files := map[string]string{"k/kustomization.yaml": tt.text}
			maps.Copy(files, tt.more)
			for name, text := range files {
				name = filepath.Join(dir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(fill.Replace(text)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var b overlay.Builder
			_, err := b.Build(os.DirFS(dir), "k")
			if diff := cmp.Diff(fill.Replace(tt.want), fmt.Sprint(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if o.contacted() {
				t.Error("something was contacted")
			}
			_, err = krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(dir, "k"))
			if contacted := o.contacted(); contacted != tt.contacts {
				t.Errorf("kustomize contacts something: %v, want %v: %v", contacted, tt.contacts, err)
			}
		})
	}
}

// FuzzRemote: whatever a kustomization and the configuration of a generator say,
// nothing is contacted. What kustomize makes of it is not looked at.
func FuzzRemote(f *testing.F) {
	for _, seed := range []string{"resources: ['{}/x.yaml']", "generators: [g.yaml]", "transformers: [g.yaml, h]", "bases: [github.com/o/r]", "configMapGenerator: [{name: a, files: ['a={}/x']}]"} {
		f.Add(seed, "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nFILES: ['{}/x']")
		f.Add(seed, "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: '{}/x'")
	}
	f.Fuzz(func(t *testing.T, kustomization, config string) {
		if runtime.GOOS == "windows" {
			t.Skip("git is a shell script here")
		}
		o := newOutside(t)
		fill := strings.NewReplacer("{}", o.url)
		files := fstest.MapFS{
			"k/kustomization.yaml":   {Data: []byte(fill.Replace(kustomization))},
			"k/g.yaml":               {Data: []byte(fill.Replace(config))},
			"k/h/kustomization.yaml": {Data: []byte("resources: [g.yaml]")},
			"k/h/g.yaml":             {Data: []byte(fill.Replace(config))},
		}
		overlay.Survey(nil, files, "k")
		func() {
			defer func() { _ = recover() }() // kustomize's own
			var b overlay.Builder
			_, _ = b.Build(files, "k")
		}()
		if o.contacted() {
			t.Error("something was contacted")
		}
	})
}
