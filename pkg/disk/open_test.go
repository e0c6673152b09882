package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
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

// TestRoot: links are followed to what is below the top of the work tree, and
// nothing else is read.
func TestRoot(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{
		"secret.yaml": "canary", "secrets/a.yaml": "canary",
		"repo/.git": "gitdir: elsewhere", "repo/a.yaml": "a", "repo/d/b.yaml": "b",
		"repo/k/plain.yaml": "plain", "repo/k/relative.yaml@": "../a.yaml", "repo/k/absolute.yaml@": dir + "/repo/a.yaml",
		"repo/k/around.yaml@": "../../repo/a.yaml", "repo/k/folder@": "../d", "repo/k/twice.yaml@": "relative.yaml",
		"repo/k/out.yaml@": "../../secret.yaml", "repo/k/absolute-out.yaml@": dir + "/secret.yaml", "repo/k/chain.yaml@": "out.yaml",
		"repo/k/out@": "../../secrets", "repo/k/all@": "/", "repo/k/loop.yaml@": "loop.yaml", "repo/k/dangling.yaml@": "../../none.yaml",
		"repo/k/environment@": "/proc/self/environ",
	})
	root, name, err := Open(dir + "/repo/k")
	must(t, err)
	link := func(name, target string) string {
		return dir + "/repo/k/" + name + " is a link to " + target + ", outside of " + dir + "/repo, and nothing outside is read; replace the link with a copy, or name the file itself"
	}
	above := func(name string) string {
		return name + " is outside of " + dir + "/repo, and nothing outside is read; move it there, or make a folder above both a Git work tree"
	}
	for _, tt := range []struct{ name, data, wrong string }{
		{name: "plain.yaml", data: "plain"}, {name: "relative.yaml", data: "a"}, {name: "absolute.yaml", data: "a"}, {name: "around.yaml", data: "a"},
		{name: "twice.yaml", data: "a"}, {name: "folder/b.yaml", data: "b"}, {name: "../a.yaml", data: "a"}, {name: "../d/../a.yaml", data: "a"},
		{name: "out.yaml", wrong: link("out.yaml", dir+"/secret.yaml")},
		{name: "absolute-out.yaml", wrong: link("absolute-out.yaml", dir+"/secret.yaml")},
		{name: "chain.yaml", wrong: link("chain.yaml", dir+"/secret.yaml")},
		{name: "out/a.yaml", wrong: link("out", dir+"/secrets")},
		{name: "all/etc/passwd", wrong: link("all", "/")},
		{name: "environment", wrong: link("environment", fmt.Sprintf("/proc/%d/environ", os.Getpid()))},
		{name: "../../secret.yaml", wrong: above(dir + "/secret.yaml")},
		{name: "../../../../../../../../../../etc/passwd", wrong: fs.ErrInvalid.Error()},
		{name: "none.yaml", wrong: "no such file or directory"}, {name: "dangling.yaml", wrong: "no such file or directory"},
		{name: "loop.yaml", wrong: "EvalSymlinks: too many links"},
	} {
		if strings.Contains(tt.wrong, "/proc/") && runtime.GOOS != "linux" {
			continue
		}
		data, err := fs.ReadFile(root, path.Join(name, tt.name))
		_, stat := fs.Stat(root, path.Join(name, tt.name))
		_, open := root.Open(path.Join(name, tt.name))
		if diff := cmp.Diff([]string{tt.data, tt.wrong, tt.wrong, tt.wrong}, []string{string(data), why(err), why(stat), why(open)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	real, err := root.Resolve(path.Join(name, "folder/b.yaml"))
	must(t, err)
	if diff := cmp.Diff(path.Join(name, "../d/b.yaml"), real); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// why is an error without the operation and path before it.
func why(err error) string { return errText(reason(err)) }

// TestOpenTop: which folder may be read.
func TestOpenTop(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{
		"repo/.git/HEAD": "", "repo/a/b/c.yaml": "", "repo/sub/.git": "gitdir: x", "repo/sub/a/b.yaml": "", "repo/sub/certs.yaml": "", "repo/a/certs.yaml": "",
		"plain/a/b.yaml": "", "project/certs.yaml": "", "project/overlays/prod/a.yaml": "", "tree/overlays/prod/x/a.yaml": "",
		"link@": "repo/a/b/c.yaml", "plain/link@": "../repo/sub/a",
	})
	for operand, want := range map[string]string{
		"repo": "repo", "repo/a/b": "repo", "repo/a/b/c.yaml": "repo", "repo/sub": "repo/sub", "repo/sub/a/b.yaml": "repo/sub", "link": "repo", "plain/link": "repo/sub",
		"plain": "plain", "plain/a": "plain/a", "plain/a/b.yaml": "plain/a",
		"project/overlays/prod": "project", "tree/overlays/prod": "tree", "tree/overlays/prod/x": "tree/overlays/prod/x",
	} {
		root, _, err := Open(filepath.Join(dir, operand))
		must(t, err)
		if diff := cmp.Diff(filepath.Join(dir, want), root.dir); diff != "" {
			t.Errorf("%s (-want +got):\n%s", operand, diff)
		}
	}
}

func TestReadBeside(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{"secret": "canary", "repo/.git/HEAD": "", "repo/in": "in", "repo/a/certs.yaml@": "../in", "repo/b/certs.yaml@": "../../secret"})
	t.Chdir(filepath.Join(dir, "repo"))
	data, err := ReadBeside("a/certs.yaml")
	must(t, err)
	if diff := cmp.Diff("in", string(data)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = ReadBeside("b/certs.yaml")
	want := "open b/certs.yaml: " + dir + "/repo/b/certs.yaml is a link to " + dir + "/secret, outside of " + dir + "/repo, and nothing outside is read; replace the link with a copy, or name the file itself"
	if diff := cmp.Diff(want, errText(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, none := range []string{"certs.yaml", "none/certs.yaml"} {
		if _, err := ReadBeside(none); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v, want fs.ErrNotExist", err)
		}
	}
}
