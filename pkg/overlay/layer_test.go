package overlay_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// linked is a file system with symbolic links, by their names.
type linked struct {
	fstest.MapFS
	links map[string]string
}

func (l *linked) Resolve(name string) (string, error) {
	if to, ok := l.links[name]; ok {
		if to == "" {
			return "", fs.ErrNotExist
		}
		return to, nil
	}
	return name, nil
}

// TestLayerAndLinks has what is read through an update that is not written yet.
func TestLayerAndLinks(t *testing.T) {
	under := &linked{fstest.MapFS{"top/a/old.yaml": file("old"), "top/a/gone.yaml": file("gone"), "top/a/same.yaml": file("same")}, map[string]string{"top/link": "top/a", "top/torn": ""}}
	l := overlay.Layer(under, "top", overlay.Update{
		Writes:  overlay.Tree{"a/old.yaml": []byte("new"), "a/more.yaml": []byte("more"), "b/c/d.yaml": []byte("d")},
		Deletes: []string{"a/gone.yaml"},
	})
	for name, want := range map[string]string{"top/a/old.yaml": "new", "top/a/more.yaml": "more", "top/b/c/d.yaml": "d", "top/a/same.yaml": "same"} {
		data, err := fs.ReadFile(l, name)
		info, statErr := fs.Stat(l, name)
		if err != nil || statErr != nil || string(data) != want || info.Size() != int64(len(want)) || info.IsDir() || info.Mode() != 0o644 && name != "top/a/same.yaml" {
			t.Errorf("%s: %q, %v, %v, %v", name, data, err, info, statErr)
		}
	}
	for _, name := range []string{"top/a/gone.yaml", "top/x", "top/a/more"} {
		if _, err := fs.Stat(l, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"top", "top/a", "top/b", "top/b/c"} {
		if info, err := fs.Stat(l, name); err != nil || !info.IsDir() {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	entries, err := fs.ReadDir(l, "top/a") // as below
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"gone.yaml", "old.yaml", "same.yaml"}, names); diff != "" || err != nil {
		t.Errorf("folder: %v (-want +got):\n%s", err, diff)
	}
	links := l.(interface{ Resolve(string) (string, error) })
	for name, want := range map[string]string{"top/link": "top/a", "top/a/old.yaml": "top/a/old.yaml", "top/b/c": "top/b/c", "top/a/same.yaml": "top/a/same.yaml", "top/torn": ""} {
		if got, err := links.Resolve(name); got != want || (err != nil) != (want == "") {
			t.Errorf("%s resolves to %q, %v", name, got, err)
		}
	}
}

// TestLinksAreKustomizes: what is read by a link kustomize builds, by its rules.
func TestLinksAreKustomizes(t *testing.T) {
	const a = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	for name, tt := range map[string]struct {
		links     map[string]string
		kustomize bool
	}{
		"none":      {nil, false},
		"a link":    {map[string]string{"dir/a.yaml": "dir/b.yaml"}, true},
		"of others": {map[string]string{"dir/c.yaml": "dir/b.yaml"}, false},
	} {
		var b overlay.Builder
		files := &linked{fstest.MapFS{"dir/kustomization.yaml": file("resources: [a.yaml]"), "dir/a.yaml": file(a), "dir/b.yaml": file(a)}, tt.links}
		objects, err := b.Build(files, "dir")
		if err != nil || len(objects) != 1 || (b.ByKustomize() > 0) != tt.kustomize {
			t.Errorf("%s: %d objects, %v, %d by kustomize", name, len(objects), err, b.ByKustomize())
		}
	}
}
