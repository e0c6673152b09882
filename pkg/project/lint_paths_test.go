package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// TestLintPaths: each path is checked by itself, and what cannot be checked is
// reported beside the findings.
func TestLintPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	const inspect = "hint: kubectl certs trust inspect checks files of CA certificates"
	const certs = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"
	for name, text := range map[string]string{
		"tree/kustomization.yaml":   "resources: [a.yaml]\n",
		"tree/a.yaml":               "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
		"beside/certs.yaml":         certs,
		"mixed/a.yaml":              "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
		"mixed/values.yaml":         "replicas: 2\n",
		"one/certs.yaml":            certs + "issuers: [{name: ca, selfSigned: {}}]\n",
		"two/a/certs.yaml":          certs,
		"beside/a.yaml":             "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
		"two/b/certs.yaml":          certs,
		"remote/kustomization.yaml": "resources: ['https://example.com/x?ref=v1']\n",
		"notes/README.md":           "notes\n",
		"empty.yaml":                "# nothing\n",
		"ca.pem":                    "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
		"nameless.yaml":             "apiVersion: v1\nkind: Secret\nmetadata: {}\n",
		"broken/a.yaml":             "apiVersion: v1\nkind: [\n",
		"broken/certs.yaml":         certs,
		"kind.yaml":                 "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Cert\nmetadata: {name: a}\n",
		"rotation.yaml":             "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: a}\n",
		"kinds/a.yaml":              "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
		"kinds/kind.yaml":           "# version\napiVersion: kubectl-certs.dev/v1beta1\nkind: Certs\nmetadata: {name: a}\n",
		"kinds/found.json":          `{"apiVersion": "kubectl-certs.dev/v1alpha1", "kind": "FindingList", "items": []}`,
		"kinds/rotation.yaml":       "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: a}\n",
		"both.yaml":                 "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n" + certs + "issuers: [{name: ca, selfSigned: {}}]\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		paths       []string
		environment string
		stdin       string
		objects     int
		want        []string // notes and failures
	}{
		"a kustomization":           {paths: []string{"tree"}, objects: 1},
		"a certs.yaml beside files": {paths: []string{"beside"}, objects: 1, want: []string{"note: skipped beside/certs.yaml; check each with kubectl certs lint FILE"}},
		"files":                     {paths: []string{"mixed"}, objects: 1, want: []string{"note: skipped 1 file without manifests: mixed/values.yaml"}},
		"two paths":                 {paths: []string{"mixed", "tree/a.yaml", "absent"}, objects: 2, want: []string{"note: skipped 1 file without manifests: mixed/values.yaml", "absent: no such file or folder"}},
		"stdin":                     {paths: []string{"-"}, stdin: "{apiVersion: v1, kind: ConfigMap, metadata: {name: s}}", objects: 1},
		"a certs.yaml":              {paths: []string{"one/certs.yaml"}, objects: 1},
		"a folder with only one":    {paths: []string{"one"}, objects: 1},
		"after a failure": {paths: []string{"absent", "one", "two", "remote", "notes"}, objects: 1, want: []string{
			"note: skipped 1 kustomization with resources outside these files: remote (https://example.com/x?ref=v1); pipe in the output of kustomize build",
			"absent: no such file or folder", "two: several certs.yaml files and no manifests", "hint: kubectl certs lint two/a/certs.yaml two/b/certs.yaml", "remote: nothing in it can be checked", "notes: no manifests", inspect,
		}},
		"a certs.yaml beside broken files": {paths: []string{"broken"}, want: []string{
			"note: skipped broken/certs.yaml; check each with kubectl certs lint FILE",
			"broken/a.yaml: line 2: did not find expected node content",
		}},
		"a folder with two": {paths: []string{"two"}, want: []string{"two: several certs.yaml files and no manifests", "hint: kubectl certs lint two/a/certs.yaml two/b/certs.yaml"}},
		"not built":         {paths: []string{"remote"}, want: []string{"note: skipped 1 kustomization with resources outside these files: remote (https://example.com/x?ref=v1); pipe in the output of kustomize build", "remote: nothing in it can be checked"}},
		"no manifests":      {paths: []string{"notes", "empty.yaml", "ca.pem"}, want: []string{"notes: no manifests", inspect, "empty.yaml: no manifests", "hint: a manifest needs apiVersion, kind and metadata.name", "ca.pem: no manifests", inspect}},
		"incomplete":        {paths: []string{"nameless.yaml"}, want: []string{"nameless.yaml: line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed"}},
		"a wrong kind":      {paths: []string{"kind.yaml"}, want: []string{`kind.yaml:2: kind: "Cert" must be Certs or Rotation; did you mean Certs?`}},
		"another kind":      {paths: []string{"rotation.yaml"}, want: []string{"rotation.yaml:2: unexpected kind Rotation; must be Certs"}},
		"a wrong version in a folder": {paths: []string{"kinds"}, objects: 1, want: []string{
			"note: skipped 2 files without manifests: kinds/found.json, kinds/rotation.yaml", "kinds/kind.yaml:2: apiVersion: must be kubectl-certs.dev/v1alpha1",
		}},
		"a certs.yaml after a manifest": {paths: []string{"both.yaml"}, objects: 2},
		"an environment":                {paths: []string{"mixed", "mixed/a.yaml"}, environment: "prod", want: []string{"mixed: -e is for a certs.yaml, not for a folder", "mixed/a.yaml: -e is for a certs.yaml, not for manifests"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			o := Options{Environment: tt.environment, Stdin: strings.NewReader(tt.stdin)}
			o.Note = func(text string) { got = append(got, "note: "+text) }
			r := LintPaths(t.Context(), o, tt.paths)
			if r.Failed != nil {
				for _, err := range problem.Split(r.Failed) {
					got = append(got, fmt.Sprint(err))
					if text, ok := hint.Of(err); ok {
						got = append(got, "hint: "+text)
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if r.Objects != tt.objects {
				t.Errorf("%d objects, want %d", r.Objects, tt.objects)
			}
		})
	}
}
