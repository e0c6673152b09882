package filetree

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

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
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
		return dir + "/repo/k/" + name + " is a link to " + target + ", which is outside of " + dir + "/repo and is not read; replace the link with a copy"
	}
	above := func(name string) string {
		return name + " is outside of " + dir + "/repo and is not read; move it there, or run git init in a folder above both"
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
func why(err error) string { return errText(problem.Reason(err)) }

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

// TestOpenLinks: a link in a work tree to a folder leads nowhere else; one to a
// file may, and so may links that are in no work tree.
func TestOpenLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{
		"outside/d/a.yaml": "", "other/.git/HEAD": "", "other/d/a.yaml": "",
		"repo/.git/HEAD": "", "repo/a/b/c.yaml": "", "repo/sub/.git": "gitdir: x", "repo/sub/a/b.yaml": "",
		"repo/in@": "a/b", "repo/sub/up@": "../a", "repo/down@": "sub/a", "repo/around@": "../repo/a", "repo/file.yaml@": "../outside/d/a.yaml",
		"repo/out@": "../outside", "repo/absolute@": dir + "/outside", "repo/chain@": "out/d", "repo/other@": "../other", "repo/all@": "/",
		"link@": "repo", "chain@": "link/out", "in@": "repo/in", "dots@": "link/a/../../outside",
	})
	link := func(name, target, root string) string {
		return dir + "/" + name + " is a link to " + target + ", which is outside of " + dir + "/" + root + " and is not read; replace the link with a copy"
	}
	for _, tt := range []struct{ operand, root, wrong string }{
		{operand: "repo/in", root: "repo"}, {operand: "repo/down", root: "repo"}, {operand: "repo/around/b", root: "repo"},
		{operand: "repo/file.yaml", root: "outside/d"}, {operand: "repo/out/d/a.yaml", root: "outside/d"},
		{operand: "link", root: "repo"}, {operand: "link/a", root: "repo"}, {operand: "in", root: "repo"}, {operand: "dots", root: "outside"},
		{operand: "repo/out", wrong: link("repo/out", dir+"/outside", "repo")},
		{operand: "repo/out/d", wrong: link("repo/out", dir+"/outside", "repo")},
		{operand: "repo/absolute/d", wrong: link("repo/absolute", dir+"/outside", "repo")},
		{operand: "repo/chain", wrong: link("repo/chain", dir+"/outside/d", "repo")},
		{operand: "repo/other", wrong: link("repo/other", dir+"/other", "repo")},
		{operand: "repo/other/d", wrong: link("repo/other", dir+"/other", "repo")},
		{operand: "repo/all", wrong: link("repo/all", "/", "repo")},
		{operand: "repo/sub/up", wrong: link("repo/sub/up", dir+"/repo/a", "repo/sub")},
		{operand: "link/out/d", wrong: link("repo/out", dir+"/outside", "repo")},
		{operand: "chain", wrong: link("repo/out", dir+"/outside", "repo")},
	} {
		got := ""
		root, _, err := Open(filepath.Join(dir, tt.operand))
		if err == nil {
			got, err = filepath.Rel(dir, root.dir)
		}
		if diff := cmp.Diff([]string{tt.root, tt.wrong}, []string{got, errText(err)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.operand, diff)
		}
	}
}

// TestOpenNamed: what links in a folder lead to is read outside of Git alone.
func TestOpenNamed(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{
		"a.pem": "a", "certs/a.pem@": "../a.pem", "certs/absolute.pem@": dir + "/a.pem", "certs/git.pem@": "../repo/.git/a.pem",
		"repo/.git/a.pem": "canary", "repo/certs/a.pem@": "../../a.pem", "link@": "repo/certs",
	})
	outside := " is a link to " + dir + "/a.pem, which is outside of " + dir + "/repo and is not read; replace the link with a copy"
	for _, tt := range []struct{ folder, file, data, wrong string }{
		{folder: "certs", file: "a.pem", data: "a"}, {folder: "certs", file: "absolute.pem", data: "a"},
		{folder: "certs", file: "git.pem", wrong: dir + "/repo/.git/a.pem is in a .git folder, which is not read"},
		{folder: "repo/certs", file: "a.pem", wrong: dir + "/repo/certs/a.pem" + outside},
		{folder: "link", file: "a.pem", wrong: dir + "/repo/certs/a.pem" + outside},
	} {
		root, name, err := OpenNamed(filepath.Join(dir, tt.folder))
		must(t, err)
		data, err := root.ReadFile(path.Join(name, tt.file))
		if diff := cmp.Diff([]string{tt.data, tt.wrong}, []string{string(data), why(err)}); diff != "" {
			t.Errorf("%s/%s (-want +got):\n%s", tt.folder, tt.file, diff)
		}
	}
}

// TestRootGit: a .git folder holds tokens in CI, and is not read, whatever leads
// there.
func TestRootGit(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{
		".git/config": "canary", "a/.git/config": "canary", "a/.GIT/config": "canary", "a/.gitignore": "read", "a/x.git/b": "read",
		"up@": ".", "a/config@": "../.git/config", "a/folder@": "../.git", "a/around@": "up", "a/up@": dir + "/up",
	})
	root, name, err := Open(dir)
	must(t, err)
	in := func(file string) string { return dir + "/" + file + " is in a .git folder, which is not read" }
	for _, tt := range []struct{ file, data, wrong string }{
		{file: "a/.gitignore", data: "read"}, {file: "a/x.git/b", data: "read"}, {file: "a/up/a/.gitignore", data: "read"},
		{file: ".git/config", wrong: in(".git/config")}, {file: ".git", wrong: in(".git")}, {file: ".git/none", wrong: in(".git/none")},
		{file: "a/.git/config", wrong: in("a/.git/config")}, {file: "a/.GIT/config", wrong: in("a/.GIT/config")},
		{file: "up/.git/config", wrong: in("up/.git/config")}, {file: "a/around/.git/config", wrong: in("a/around/.git/config")},
		{file: "a/config", wrong: in(".git/config")}, {file: "a/folder/config", wrong: in(".git/config")},
	} {
		file := path.Join(name, tt.file)
		data, err := root.ReadFile(file)
		_, stat := root.Stat(file)
		_, open := root.Open(file)
		_, resolve := root.Resolve(file)
		want := []string{tt.data, tt.wrong, tt.wrong, tt.wrong, tt.wrong}
		if diff := cmp.Diff(want, []string{string(data), why(err), why(stat), why(open), errText(resolve)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.file, diff)
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
	want := "read b/certs.yaml: " + dir + "/repo/b/certs.yaml is a link to " + dir + "/secret, which is outside of " + dir + "/repo and is not read; replace the link with a copy"
	if diff := cmp.Diff(want, errText(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, none := range []string{"certs.yaml", "none/certs.yaml"} {
		if _, err := ReadBeside(none); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v, want fs.ErrNotExist", err)
		}
	}
}

// TestOpenFromLink: a link by which the user came to the working directory is not
// a link of the name.
func TestOpenFromLink(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, dir, map[string]string{"home/.git/HEAD": "", "data/repo/.git/HEAD": "", "data/repo/k/a.yaml": "a"})
	link := filepath.Join(dir, "home", "repo")
	must(t, os.Symlink("../data/repo", link))
	t.Chdir(link) // sets PWD too
	root, name, err := Open("k")
	must(t, err)
	data, err := fs.ReadFile(root, name+"/a.yaml")
	must(t, err)
	if string(data) != "a" {
		t.Errorf("read %q", data)
	}
	if _, _, err := Open(filepath.Join(link, "k")); errText(err) != link+" is a link to "+dir+"/data/repo, which is outside of "+dir+"/home and is not read; replace the link with a copy" {
		t.Errorf("by the whole path: %v", err)
	}
}
