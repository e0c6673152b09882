package disk

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestOpen(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{"base/a.yaml": "a", "overlays/prod/b.yaml": "b", "link@": "overlays/prod"})
	for _, start := range []string{"overlays/prod", "./overlays/../overlays/prod/", "link"} {
		fsys, name, err := Open(root + "/" + start)
		must(t, err)
		if !fs.ValidPath(name) {
			t.Fatalf("%q is not valid in an fs.FS", name)
		}
		data, err := fs.ReadFile(fsys, path.Join(name, "../../base/a.yaml"))
		must(t, err)
		if diff := cmp.Diff("a", string(data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", start, diff)
		}
	}
}

func TestOpenFS(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{"base/a.yaml": "a", "overlays/prod/b.yaml": "b"})
	fsys, name, err := Open(root)
	must(t, err)
	sub, err := fs.Sub(fsys, name)
	must(t, err)
	must(t, fstest.TestFS(sub, "base/a.yaml", "overlays/prod/b.yaml"))
}

func TestOpenPlaces(t *testing.T) {
	_, name, err := Open(filepath.VolumeName(t.TempDir()) + string(filepath.Separator))
	must(t, err)
	if diff := cmp.Diff(".", name); diff != "" {
		t.Errorf("the root of the volume (-want +got):\n%s", diff)
	}
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("here.yaml", nil, 0o600))
	fsys, name, err := Open(".")
	must(t, err)
	if _, err := fs.Stat(fsys, path.Join(name, "here.yaml")); err != nil {
		t.Errorf("the current folder: %v", err)
	}
	if _, _, err := Open("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}
