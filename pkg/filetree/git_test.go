package filetree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// repository makes a git repository with one commit of files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	root, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	fill(t, root, files)
	runGit(t, root, "init", "--quiet", "--initial-branch=main")
	commit(t, root)
	return root
}

func commit(t *testing.T, root string) {
	t.Helper()
	runGit(t, root, "add", "--all")
	runGit(t, root, "-c", "user.name=t", "-c", "user.email=t@t.example", "commit", "--quiet", "--allow-empty", "--message=m")
}

func runGit(t *testing.T, root string, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", root}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func openGit(t *testing.T, dir, rev string) *GitTree {
	t.Helper()
	tree, err := Git(t.Context(), dir, rev)
	must(t, err)
	t.Cleanup(func() { must(t, tree.Close()) })
	return tree
}

func TestGit(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	root := repository(t, map[string]string{
		"top.yaml": "1", "base/a.yaml": "a", "base/empty.yaml": "", "base/big.yaml": big,
		"base.yaml": "sorts between", "overlays/prod/b.yaml": "b", "ü/ \"x\"\t.yaml": "odd",
	})
	fill(t, root, map[string]string{"top.yaml": "2", "new.yaml": "n"})
	must(t, os.Remove(filepath.Join(root, "base/a.yaml")))
	runGit(t, root, "tag", "v1")
	commit(t, root)
	fill(t, root, map[string]string{"top.yaml": "3, not committed"})

	old := openGit(t, filepath.Join(root, "overlays/prod"), "v1")
	must(t, fstest.TestFS(old, "top.yaml", "base/a.yaml", "base/empty.yaml", "overlays/prod/b.yaml", "ü/ \"x\"\t.yaml"))
	now := openGit(t, root, "HEAD")
	for _, tt := range []struct {
		tree       *GitTree
		name, want string
	}{
		{old, "top.yaml", "1"}, {old, "base/a.yaml", "a"}, {old, "base/empty.yaml", ""}, {old, "base/big.yaml", big},
		{now, "top.yaml", "2"}, {now, "new.yaml", "n"},
	} {
		data, err := tt.tree.ReadFile(tt.name)
		must(t, err)
		if diff := cmp.Diff(tt.want, string(data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if diff := cmp.Diff([]string{"overlays/prod", "."}, []string{old.Prefix(), now.Prefix()}); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
}

func TestGitErrors(t *testing.T) {
	root := repository(t, map[string]string{"d/a.yaml": "a"})
	outside := t.TempDir()
	for _, rev := range []string{"none", "", "-h", "--help", "--output=x", "HEAD:d", "HEAD^{tree}", "HEAD~1", "HEAD..HEAD", "main main"} {
		_, err := Git(t.Context(), root, rev)
		if diff := cmp.Diff(`git revision "`+rev+`": not found in `+root, errText(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for _, rev := range []string{"^HEAD", "^main"} {
		_, err := Git(t.Context(), root, rev)
		if diff := cmp.Diff(`git revision "`+rev+`": not a single commit`, errText(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	_, err := Git(t.Context(), outside, "HEAD")
	if diff := cmp.Diff(outside+" is not in a git repository", errText(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = Git(t.Context(), filepath.Join(outside, "none"), "HEAD")
	if want := "git rev-parse in " + outside + "/none: fatal: cannot change to"; !strings.HasPrefix(errText(err), want) {
		t.Errorf("error %q, want %q …", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Git(ctx, root, "HEAD"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	t.Setenv("PATH", outside)
	_, err = Git(t.Context(), root, "HEAD")
	if diff := cmp.Diff("git is not installed", errText(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGitInHook(t *testing.T) {
	root, other := repository(t, map[string]string{"a.yaml": "a"}), repository(t, map[string]string{"b.yaml": "b"})
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_WORK_TREE", other)
	data, err := openGit(t, root, "HEAD").ReadFile("a.yaml")
	must(t, err)
	if diff := cmp.Diff("a", string(data)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGitPathErrors(t *testing.T) {
	root := repository(t, map[string]string{"d/a.yaml": "a", "link@": "d", "d/file.yaml@": "a.yaml"})
	runGit(t, root, "update-index", "--add", "--cacheinfo", "160000,"+runGit(t, root, "rev-parse", "HEAD")+",sub")
	runGit(t, root, "-c", "user.name=t", "-c", "user.email=t@t.example", "commit", "--quiet", "--message=m")
	tree := openGit(t, root, "HEAD")
	const noLink = " is a symbolic link, which is not followed in a git revision"
	const noSub = "sub is a git submodule, whose files are not in this repository"
	for name, want := range map[string]string{
		"link":          "link" + noLink,
		"link/a.yaml":   "link" + noLink,
		"d/file.yaml":   "d/file.yaml" + noLink,
		"sub":           noSub,
		"sub/x/y":       noSub,
		"none":          fs.ErrNotExist.Error(),
		"d/a.yaml/none": fs.ErrNotExist.Error(),
		"../d":          fs.ErrInvalid.Error(),
		"/d":            fs.ErrInvalid.Error(),
	} {
		_, open := tree.Open(name)
		_, read := tree.ReadFile(name)
		_, list := tree.ReadDir(name)
		_, stat := tree.Stat(name)
		got := []string{errText(open), errText(read), errText(list), errText(stat)}
		at := " " + name + ": " + want
		if diff := cmp.Diff([]string{"open" + at, "read" + at, "readdir" + at, "stat" + at}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	var all []string
	must(t, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		all = append(all, fs.FormatDirEntry(entry))
		return err
	}))
	if diff := cmp.Diff([]string{"d ./", "d d/", "- a.yaml", "L file.yaml", "L link", "? sub"}, all); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	_, read := tree.ReadFile("d")
	_, list := tree.ReadDir("d/a.yaml")
	if diff := cmp.Diff([]string{"read d: is a folder", "readdir d/a.yaml: is not a folder"}, []string{errText(read), errText(list)}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGitClose(t *testing.T) {
	root := repository(t, map[string]string{"a.yaml": "a", "b.yaml": "b"})
	tree := openGit(t, root, "HEAD")
	_, err := tree.ReadFile("a.yaml")
	must(t, err)
	must(t, tree.Close())
	_, err = tree.ReadFile("a.yaml")
	must(t, err)
	if _, err = tree.ReadFile("b.yaml"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("error %v, want fs.ErrClosed", err)
	}
}

func TestGitCancelled(t *testing.T) {
	root := repository(t, map[string]string{"a.yaml": "a", "b.yaml": "b"})
	ctx, cancel := context.WithCancel(t.Context())
	tree, err := Git(ctx, root, "HEAD")
	must(t, err)
	_, err = tree.ReadFile("a.yaml")
	must(t, err)
	cancel()
	_ = tree.blobs.cmd.Wait() // it is being killed
	if _, err = tree.ReadFile("b.yaml"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	must(t, tree.Close())
}

func TestGitDamaged(t *testing.T) {
	root := repository(t, map[string]string{"a.yaml": "a", "b.yaml": "b"})
	tree := openGit(t, root, "HEAD")
	hash := runGit(t, root, "rev-parse", "HEAD:a.yaml")
	must(t, os.Remove(filepath.Join(root, ".git/objects", hash[:2], hash[2:])))
	_, err := tree.ReadFile("a.yaml")
	if diff := cmp.Diff("read a.yaml: "+errMissing.Error(), errText(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGitGone(t *testing.T) {
	root := repository(t, map[string]string{"a.yaml": "a"})
	tree := openGit(t, root, "HEAD")
	must(t, os.RemoveAll(filepath.Join(root, ".git")))
	_, err := tree.ReadFile("a.yaml")
	if want := "read a.yaml: git cat-file: fatal: not a git repository"; !strings.HasPrefix(errText(err), want) {
		t.Errorf("error %q, want %q …", errText(err), want)
	}
}

func TestGitConcurrent(t *testing.T) {
	files := map[string]string{}
	for _, c := range "abcdefghijklmnop" {
		files[string(c)+".yaml"] = strings.Repeat(string(c), 10_000)
	}
	tree := openGit(t, repository(t, files), "HEAD")
	var group sync.WaitGroup
	for name, want := range files {
		group.Go(func() {
			data, err := tree.ReadFile(name)
			if err != nil || string(data) != want {
				t.Errorf("%s: %.20q, %v", name, data, err)
			}
		})
	}
	group.Wait()
}

// TestGitLarge: one file over the limit does not affect the others.
func TestGitLarge(t *testing.T) {
	root := repository(t, map[string]string{"a.yaml": strings.Repeat("#", limits.MaxFile+1), "b.yaml": "b: c\n"})
	tree := openGit(t, root, "HEAD")
	const want = "read a.yaml: over the limit of 64 MiB for one file; split it"
	if data, err := tree.ReadFile("a.yaml"); data != nil || err == nil || err.Error() != want {
		t.Errorf("got %d bytes, %v, want %s", len(data), err, want)
	}
	if data, err := tree.ReadFile("b.yaml"); string(data) != "b: c\n" || err != nil {
		t.Errorf("got %q, %v", data, err)
	}
}
