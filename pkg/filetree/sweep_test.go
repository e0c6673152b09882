package filetree

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSweep(t *testing.T) {
	const random = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	root := t.TempDir()
	fill(t, root, map[string]string{
		"base/a.yaml":               "a",
		"base/.kubectl-certs-notes": "a user's",
		"base/.kubectl-certs-abcdefghijklmnopqrstuvwxyz": "a user's",
		"base/x.kubectl-certs-" + random:                 "a user's",
		"base/.kubectl-certs-" + random + ".yaml":        "a user's",
		"base/.kubectl-certs-ABC":                        "a user's",
		"base/folder/.kubectl-certs-" + random + "/x":    "in a folder of that name",
		"elsewhere/.kubectl-certs-" + random:             "not in the tree",
		".kubectl-certs-" + random:                       "not in the tree",
		"base/link/.kubectl-certs-" + random + "@":       "../a.yaml",
	})
	must(t, os.Symlink("../elsewhere", filepath.Join(root, "base/out")))
	must(t, os.Mkdir(filepath.Join(root, "base/empty"), 0o755))
	want := snapshot(t, root)

	r, err := os.OpenRoot(root)
	must(t, err)
	defer r.Close()
	var temps []string
	for _, dir := range []string{"base", "base/folder", "overlays/new/deep"} {
		must(t, r.MkdirAll(dir, 0o755))
		name, err := writeTemp(r, dir, []byte("x"), 0)
		must(t, err)
		temps = append(temps, name)
	}
	slices.Sort(temps)
	removed, err := Sweep(root, "base", "overlays", "missing", "base/a.yaml", "base/out")
	must(t, err)
	slices.Sort(removed)
	if diff := cmp.Diff(temps, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, snapshot(t, root)); diff != "" {
		t.Errorf("the tree (-want +got):\n%s", diff)
	}
	if _, err := Sweep(filepath.Join(root, "missing"), "base"); err == nil {
		t.Error("no error without a root")
	}
}
