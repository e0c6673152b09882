package source

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
)

// TestSurveySkipsOtherFiles: anything but a file is skipped, what cannot be read is an
// error, and what says neither version nor kind need be no manifest. Beside a
// kustomization nothing of that matters. Where nothing is left, there is no target.
func TestSurveySkipsOtherFiles(t *testing.T) {
	inFolder(t, map[string]string{
		"kinds.yaml":              "kind: [\n",
		"versions.yaml":           "apiVersion: [\n",
		"text.yaml":               "[\n",
		"base/kustomization.yaml": "resources: []\n",
		"base/broken.yaml":        "apiVersion: v1\nkind: [\n",
		"base/README.md":          configMap("readme"),
		"base/forgotten.yaml":     configMap("forgotten"),
		"folder/empty.yaml":       "",
	})
	for link, target := range map[string]string{"link.yaml": "folder", "gone.yaml": "nowhere", "base/link.yaml": "../folder", "base/gone.yaml": "nowhere"} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
	}
	r := &Reader{}
	defer r.Close()
	folder, err := r.Find(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Survey(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"folder/empty.yaml", "kinds.yaml", "link.yaml", "text.yaml", "versions.yaml"}, s.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"base/forgotten.yaml"}, position.Sources(s.Unlisted)); diff != "" {
		t.Errorf("unlisted (-want +got):\n%s", diff)
	}
	for _, target := range s.Targets {
		if len(target) == 0 || target[0].Source != "base" {
			t.Errorf("target %v", target)
		}
	}
	if len(s.Failed) != 1 || !strings.HasPrefix(s.Failed[0].Error(), "gone.yaml: ") {
		t.Errorf("failed: %v", s.Failed)
	}
}
