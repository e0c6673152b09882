package filetree

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBatchFails lets each step of a Write fail for real, by changing the tree
// under it, and expects to find what was there, but for that change.
func TestBatchFails(t *testing.T) {
	writes := map[string]string{"a.yaml": "new", "b/old.yaml": "new", "b/x.yaml": "x", "n/e/w.yaml": "w", "y.yaml": "new"}
	deletes := []string{"d/e/one.yaml", "d/two.yaml", "e.yaml"}
	for name, tt := range map[string]struct {
		beforeStage, beforeCommit func(root string, b *batch) error
		err                       string
	}{
		"stage: a file where a folder must be made": {
			beforeStage: func(root string, _ *batch) error { return os.WriteFile(filepath.Join(root, "n"), nil, 0o600) },
			err:         "write n/e/w.yaml: mkdirat n/e: not a directory",
		},
		"stage: a link to outside": {
			beforeStage: func(root string, _ *batch) error { return os.Symlink("..", filepath.Join(root, "n")) },
			err:         "write n/e/w.yaml: mkdirat n/e: path escapes from parent",
		},
		"commit: a folder in place of a target": {
			beforeCommit: func(root string, _ *batch) error {
				return os.Mkdir(filepath.Join(root, "n/e/w.yaml"), 0o755)
			},
			err: "write n/e/w.yaml: is no longer a regular file",
		},
		"commit: the last rename": {
			beforeCommit: func(_ string, b *batch) error { return b.root.Remove(b.temps["y.yaml"]) },
			err:          "write y.yaml: renameat TEMP y.yaml: no such file or directory",
		},
		"commit: the last delete": {
			beforeCommit: func(root string, _ *batch) error {
				name := filepath.Join(root, "e.yaml")
				if err := os.Remove(name); err != nil {
					return err
				}
				return os.MkdirAll(filepath.Join(name, "full"), 0o755)
			},
			err: "delete e.yaml: is no longer a regular file",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			fill(t, root, map[string]string{
				"a.yaml": "old", "b/old.yaml": "old", "d/e/one.yaml": "1", "d/two.yaml": "2", "e.yaml": "e", "y.yaml": "old",
			})
			must(t, os.Chmod(filepath.Join(root, "a.yaml"), 0o600))
			must(t, os.Chmod(filepath.Join(root, "d/e/one.yaml"), 0o640))
			must(t, os.Chmod(filepath.Join(root, "d/e"), 0o700))
			b := openBatch(t, root, writes, deletes)

			var before map[string]string
			if tt.beforeStage != nil {
				must(t, tt.beforeStage(root, b))
				before = snapshot(t, root)
			}
			err := b.stage()
			if tt.beforeCommit != nil {
				must(t, err)
				must(t, tt.beforeCommit(root, b))
				before = withoutStaged(snapshot(t, root), b)
				err = b.commit()
			}
			text := regexp.MustCompile(`\.kubectl-certs-\w+`).ReplaceAllString(errText(err), "TEMP")
			if diff := cmp.Diff(tt.err, text); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			_ = b.rollback() // cannot remove the folder that the change is in
			if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
				t.Errorf("the tree changed (-before +after):\n%s", diff)
			}
		})
	}
}

func openBatch(t *testing.T, root string, writes map[string]string, deletes []string) *batch {
	t.Helper()
	r, err := os.OpenRoot(root)
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	must(t, check(r, bytesOf(writes), deletes))
	return newBatch(r, bytesOf(writes), deletes)
}

// withoutStaged returns a snapshot less the files and folders of stage.
func withoutStaged(all map[string]string, b *batch) map[string]string {
	changes := map[string]string{}
	for _, temp := range b.temps {
		changes[temp] = ""
	}
	if _, full := all["n/e/w.yaml"]; !full {
		changes["n"], changes["n/e"] = "", ""
	}
	return with(all, changes)
}

// TestBatchRollback takes back a Write that went through.
func TestBatchRollback(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{"a.yaml": "old", "d/e/f.yaml": "f", "d/g.yaml": "g"})
	before := snapshot(t, root)
	b := openBatch(t, root, map[string]string{"a.yaml": "new", "n/e/w.yaml": "w"}, []string{"d/e/f.yaml", "d/g.yaml"})
	must(t, b.stage())
	must(t, b.commit())
	must(t, b.rollback())
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Errorf("the tree changed (-before +after):\n%s", diff)
	}
}

func TestBatchRollbackFails(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{"a/x.yaml": "old", "b.yaml": "old"})
	b := openBatch(t, root, map[string]string{"a/x.yaml": "new", "b.yaml": "new"}, nil)
	must(t, b.stage())
	must(t, b.commit())
	must(t, os.RemoveAll(filepath.Join(root, "a")))
	text := regexp.MustCompile(`\.kubectl-certs-\w+`).ReplaceAllString(errText(b.rollback()), "TEMP")
	if diff := cmp.Diff("undo: openat a/TEMP: no such file or directory", text); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(root, "b.yaml"))
	must(t, err)
	if diff := cmp.Diff("old", string(data)); diff != "" {
		t.Errorf("the rest is not undone (-want +got):\n%s", diff)
	}
}
