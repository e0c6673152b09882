package overlay_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestSurvey: a survey returns the files without references to them.
func TestSurvey(t *testing.T) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"repo/apps/kustomization.yaml":            "resources: [web.yaml, ./db]",
		"repo/apps/web.yaml":                      "listed",
		"repo/apps/unlisted.yaml":                 "of the kustomization's folder, and left out by it",
		"repo/apps/db/kustomization.yml":          "bases: [../../base]",
		"repo/apps/db/sub/unlisted.yaml":          "below one",
		"repo/apps/own/Kustomization":             "components: [../../parts/tls]",
		"repo/base/kustomization.yaml":            "resources: [a.yaml]",
		"repo/base/a.yaml":                        "listed",
		"repo/parts/tls/kustomization.yaml":       "kind: Component",
		"repo/parts/unused/kustomization.yaml":    "kind: Component",
		"repo/broken/kustomization.yaml":          "resources: {",
		"repo/two/kustomization.yaml":             "kind: Kustomization",
		"repo/two/kustomization.yml":              "kind: Kustomization",
		"repo/plain/b.yaml":                       "plain",
		"repo/plain/below/c.json":                 "plain",
		"repo/plain/README.md":                    "whatever it is",
		"repo/.github/workflows/ci.yaml":          "hidden",
		"repo/plain/.hidden.yaml":                 "hidden",
		"elsewhere/kustomization.yaml":            "resources: [../repo/apps/own]",
		"repo/generators/kustomization.yaml":      "generators: [gen.yaml]\ntransformers: [x]\nconfigurations: [c.yaml]\ncrds: [d.yaml]",
		"repo/remote/kustomization.yaml":          "resources: ['https://example.com/x?ref=1']",
		"repo/uses-remote/kustomization.yaml":     "resources: [../part]",
		"outside/remote/kustomization.yaml":       "resources: [https://example.com/y]",
		"repo/uses-outside/kustomization.yaml":    "resources: [../../outside/remote]",
		"repo/ssh/kustomization.yaml":             "resources: ['user@host:repo.git//x']",
		"repo/patched/kustomization.yaml":         "patches: [{path: http://example.com/p.yaml}]",
		"repo/remote-2/kustomization.yaml":        "configMapGenerator: [{name: e, envs: [http://u:secret@example.com/envs]}]",
		"repo/remote-3/kustomization.yaml":        "patchesStrategicMerge: [https://example.com/p]",
		"repo/remote-4/kustomization.yaml":        "replacements: [{path: https://example.com/r}]",
		"repo/remote-5/kustomization.yaml":        "generators: [g.yaml]",
		"repo/remote-5/g.yaml":                    "kind: ConfigMapGenerator\nfiles: [https://example.com/g]",
		"repo/remote-6/kustomization.yaml":        "resources: ['GitHub.com/org/repo']",
		"repo/remote-7/kustomization.yaml":        "resources: ['github.com:org/repo']",
		"repo/remote-8/kustomization.yaml":        "resources: [org-1@host/o/r.git]",
		"repo/inline/kustomization.yaml":          "generators: [\"kind: SecretGenerator\\nliterals: ['url=postgres://u:p@db/x']\"]\npatches: [{patch: 'value: https://example.org'}]",
		"repo/local-at/kustomization.yaml":        "resources: ['a@b.yaml']",
		"repo/local-at/a@b.yaml":                  "there",
		"repo/part/kustomization.yaml":            "resources: [github.com/a/b, ../uses-remote]",
		"repo/remote-file/kustomization.yaml":     "configMapGenerator: [{name: a, files: [a.json=https://example.com/a.json]}]",
		"repo/helm/kustomization.yaml":            "helmCharts: [{name: a}]",
		"repo/plain/with-link/kustomization.yaml": "resources: [../below/c.json]",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tops, others, wrong := overlay.Survey(nil, files, "repo")
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	want := []overlay.Top{
		{Dir: "repo/apps"}, {Dir: "repo/apps/own"}, {Dir: "repo/broken"}, {Dir: "repo/generators"}, {Dir: "repo/helm", Needs: "Helm"},
		{Dir: "repo/inline"}, {Dir: "repo/local-at"}, {Dir: "repo/patched", Needs: "http://example.com/p.yaml"}, {Dir: "repo/plain/with-link"},
		{Dir: "repo/remote", Needs: "https://example.com/x?ref=1"},
		{Dir: "repo/remote-2", Needs: "http://…@example.com/envs"}, {Dir: "repo/remote-3", Needs: "https://example.com/p"}, {Dir: "repo/remote-4", Needs: "https://example.com/r"},
		{Dir: "repo/remote-5", Needs: "https://example.com/g"}, {Dir: "repo/remote-6", Needs: "GitHub.com/org/repo"}, {Dir: "repo/remote-7", Needs: "github.com:org/repo"},
		{Dir: "repo/remote-8", Needs: "org-1@host/o/r.git"}, {Dir: "repo/remote-file", Needs: "https://example.com/a.json"}, {Dir: "repo/ssh", Needs: "user@host:repo.git//x"},
		{Dir: "repo/two"}, {Dir: "repo/uses-outside", Needs: "https://example.com/y"},
		{Dir: "repo/part", Needs: "github.com/a/b"}, // in a circle with repo/uses-remote
	}
	if diff := cmp.Diff(want, tops); diff != "" {
		t.Errorf("kustomizations (-want +got)\n%s", diff)
	}
	wanted := overlay.Files{
		Loose:    []string{"repo/plain/README.md", "repo/plain/b.yaml"},
		Unlisted: []string{"repo/apps/db/sub/unlisted.yaml", "repo/apps/unlisted.yaml"},
	}
	if diff := cmp.Diff(wanted, others); diff != "" {
		t.Errorf("files (-want +got)\n%s", diff)
	}
	if _, _, wrong := overlay.Survey(nil, files, "nowhere"); len(wrong) != 1 {
		t.Error("a folder that is not there is surveyed")
	}
}

// TestOverlays are the folders below overlays that are kustomizations.
func TestOverlays(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{
		"top/overlays/prod/kustomization.yaml", "top/overlays/dev/Kustomization", "top/overlays/none/README.md", "top/overlays/kustomization.yaml",
		"top/overlays/odd/kustomization.yaml/a", "top/overlays/deep/er/kustomization.yaml", "top/base/kustomization.yaml",
	} {
		files[name] = &fstest.MapFile{}
	}
	if diff := cmp.Diff([]string{"overlays/dev", "overlays/prod"}, overlay.Overlays(files, "top")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := overlay.Overlays(files, "nowhere"); got != nil {
		t.Errorf("nowhere: %v", got)
	}
}
