package filetree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func bytesOf(files map[string]string) map[string][]byte {
	all := map[string][]byte{}
	for name, text := range files {
		all[name] = []byte(text)
	}
	return all
}

func TestWrite(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{
		"base/old.yaml":     "old",
		"base/gone.yaml":    "gone",
		"keep/me.txt":       "mine",
		"keep/gone.yaml":    "gone",
		"empty/a/b/gone.md": "gone",
		"gone.yaml":         "gone",
		"was/empty/x":       "",
	})
	must(t, os.Remove(filepath.Join(root, "was/empty/x")))
	must(t, os.Chmod(filepath.Join(root, "base/old.yaml"), 0o600))
	before := snapshot(t, root)

	writes := bytesOf(map[string]string{"base/old.yaml": "new", "base/x.yaml": "x", "new/deep/y.yaml": "", "z.yaml": "z"})
	deletes := []string{"keep/gone.yaml", "base/gone.yaml", "gone.yaml", "empty/a/b/gone.md", "none.yaml", "none/x", "gone.yaml", "was/empty/y"}
	want := with(before, map[string]string{
		"base/old.yaml":     "-rw------- new",
		"base/x.yaml":       "-rw-r--r-- x",
		"new":               "drwxr-xr-x ",
		"new/deep":          "drwxr-xr-x ",
		"new/deep/y.yaml":   "-rw-r--r-- ",
		"z.yaml":            "-rw-r--r-- z",
		"base/gone.yaml":    "",
		"keep/gone.yaml":    "",
		"gone.yaml":         "",
		"empty":             "",
		"empty/a":           "",
		"empty/a/b":         "",
		"empty/a/b/gone.md": "",
	})
	for _, run := range []string{"first", "second"} {
		must(t, Write(root, writes, deletes))
		if diff := cmp.Diff(want, snapshot(t, root)); diff != "" {
			t.Errorf("%s run (-want +got):\n%s", run, diff)
		}
	}
}

func TestWriteDeletesEverything(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{"a/x": "x", "a/b/y": "y", "z": "z"})
	must(t, Write(root, nil, []string{"a/x", "a/b/y", "z"}))
	if diff := cmp.Diff(map[string]string{".": snapshot(t, root)["."]}, snapshot(t, root)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteRefuses(t *testing.T) {
	const plain = " is a symbolic link; only plain files and folders are written"
	for name, tt := range map[string]struct {
		writes, deletes []string
		err             string
	}{
		"out of root": {
			writes:  []string{"../x", "/x", "a/../../x", "", ".", "a//b", "./a", "ok.yaml"},
			deletes: []string{"..", "/etc/passwd"},
			err: `"" is not a path below ROOT
".." is not a path below ROOT
"../x" is not a path below ROOT
"./a" is not a path below ROOT
"/etc/passwd" is not a path below ROOT
"/x" is not a path below ROOT
"a/../../x" is not a path below ROOT
"a//b" is not a path below ROOT
. is not a regular file`,
		},
		"links": {
			writes:  []string{"file@", "dir@/x", "ok.yaml"},
			deletes: []string{"dangling@", "out@/x"},
			err:     "dangling@" + plain + "\ndir@" + plain + "\nfile@" + plain + "\nout@" + plain,
		},
		"folder in place of a file": {writes: []string{"dir", "ok.yaml"}, err: "dir is not a regular file"},
		"delete a folder":           {deletes: []string{"dir", "dir/a.yaml"}, err: "dir is not a regular file\ndir would be both a file and a folder"},
		"file in place of a folder": {writes: []string{"dir/a.yaml/b/c"}, deletes: []string{"dir/a.yaml/x"}, err: "dir/a.yaml is not a folder"},
		"written and deleted":       {writes: []string{"a"}, deletes: []string{"a"}, err: "a would be both written and deleted"},
		"file and folder":           {writes: []string{"a", "a/b/c"}, err: "a would be both a file and a folder"},
		"deleted and folder":        {writes: []string{"a/b"}, deletes: []string{"a"}, err: "a would be both a file and a folder"},
		"file and delete below":     {writes: []string{"a"}, deletes: []string{"a/b"}, err: "a would be both a file and a folder"},
		"name too long": {
			writes: []string{"a", strings.Repeat("x", 300)},
			err:    "statat " + strings.Repeat("x", 300) + ": file name too long",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			fill(t, root, map[string]string{"dir/a.yaml": "a", "gone/x.yaml": "gone"})
			for name, target := range map[string]string{
				"file@": "dir/a.yaml", "dir@": "dir", "dangling@": "none", "out@": t.TempDir(),
			} {
				must(t, os.Symlink(target, filepath.Join(root, name)))
			}
			before := snapshot(t, root)
			writes := map[string][]byte{}
			for _, name := range tt.writes {
				writes[name] = []byte("new")
			}
			err := Write(root, writes, append(tt.deletes, "gone/x.yaml"))
			if diff := cmp.Diff(tt.err, strings.ReplaceAll(errText(err), root, "ROOT")); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
				t.Errorf("the tree changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestWriteNoRoot(t *testing.T) {
	root := filepath.Join(t.TempDir(), "none")
	err := Write(root, bytesOf(map[string]string{"a": "a"}), nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

// TestWriteRace swaps a folder for a link to the outside while Write runs: it
// may fail or not, but the outside stays empty.
func TestWriteRace(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	dir, stop, done := filepath.Join(root, "dir"), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_ = os.Symlink(outside, dir)
				_ = os.Remove(dir)
				_ = os.Mkdir(dir, 0o755)
				_ = os.RemoveAll(dir)
			}
		}
	}()
	for range 200 {
		_ = Write(root, bytesOf(map[string]string{"dir/a": "a", "dir/b/c": "c"}), []string{"dir/d"})
	}
	close(stop)
	<-done
	if diff := cmp.Diff(map[string]string{".": snapshot(t, outside)["."]}, snapshot(t, outside)); diff != "" {
		t.Errorf("outside (-want +got):\n%s", diff)
	}
}
