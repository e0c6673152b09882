package filetree_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

const tooLarge = "over the limit of 64 MiB for one file; split it"

// sparse makes a file of some size that takes no space.
func sparse(t *testing.T, name string, size int64) string {
	t.Helper()
	f, err := os.Create(name)
	if err == nil {
		err = errors.Join(f.Truncate(size), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReadFileLimit: a file is refused by its size, before it is read.
func TestReadFileLimit(t *testing.T) {
	dir := t.TempDir()
	name := sparse(t, filepath.Join(dir, "large.yaml"), 1<<40)
	for what, read := range map[string]func() ([]byte, error){
		"file":   func() ([]byte, error) { return filetree.ReadFile(name) },
		"guard":  func() ([]byte, error) { return fs.ReadFile(filetree.Guard(os.DirFS(dir), never), "large.yaml") },
		"stream": func() ([]byte, error) { return filetree.ReadAll(endless{}, "stdin") },
		"tree": func() ([]byte, error) {
			files, err := filetree.Read(dir, ".")
			return files["large.yaml"], err
		},
	} {
		data, err := read()
		if data != nil || err == nil || !strings.HasSuffix(err.Error(), ": "+tooLarge) {
			t.Errorf("%s: got %d bytes, %v, want %s", what, len(data), err, tooLarge)
		}
	}
}

func never() error { return nil }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestReadFileWithinLimit(t *testing.T) {
	name := sparse(t, filepath.Join(t.TempDir(), "large.yaml"), limits.MaxFile)
	if data, err := filetree.ReadFile(name); len(data) != limits.MaxFile || err != nil {
		t.Errorf("got %d bytes, %v", len(data), err)
	}
}

func TestGuardStopsReading(t *testing.T) {
	stopped := errors.New("stopped")
	var stop error
	g := filetree.Guard(fstest.MapFS{"dir/a.yaml": {Data: []byte("a: b")}}, func() error { return stop })
	uses := map[string]func() error{
		"read": func() error { _, err := fs.ReadFile(g, "dir/a.yaml"); return err },
		"open": func() error { _, err := g.Open("dir/a.yaml"); return err },
		"list": func() error { _, err := fs.ReadDir(g, "dir"); return err },
		"stat": func() error { _, err := fs.Stat(g, "dir"); return err },
	}
	for _, stop = range []error{nil, stopped} {
		for name, use := range uses {
			if err := use(); err != stop {
				t.Errorf("%s: got %v, want %v", name, err, stop)
			}
		}
	}
}
