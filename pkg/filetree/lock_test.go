package filetree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// acquire takes a lock that must be free.
func acquire(t *testing.T, dir string) *Lock {
	t.Helper()
	l, err := Acquire(t.Context(), dir, func() { t.Errorf("waits for %s", dir) })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// refused expects that a lock is not free.
func refused(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockInterval)
	defer cancel()
	waits := 0
	_, err := Acquire(ctx, dir, func() { waits++ })
	want := "lock " + dir + ": another process is writing to it"
	if !errors.Is(err, ErrLocked) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if waits != 1 {
		t.Errorf("says %d times that it waits", waits)
	}
}

func TestAcquire(t *testing.T) {
	root := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(root, link))
	l := acquire(t, root)
	refused(t, root)
	refused(t, link)
	if diff := cmp.Diff(map[string]string{".": snapshot(t, root)["."]}, snapshot(t, root)); diff != "" {
		t.Errorf("a lock leaves (-want +got):\n%s", diff)
	}
	go func(l *Lock) {
		time.Sleep(2 * lockInterval)
		_ = l.Release() // else the next line waits for ever
	}(l)
	waits := 0
	l, err := Acquire(t.Context(), link, func() { waits++ })
	must(t, err)
	if waits != 1 {
		t.Errorf("says %d times that it waits", waits)
	}
	must(t, l.Release())
	must(t, acquire(t, root).Release())
}

// TestAcquireMakesFolders: a folder that nothing is written to is gone again.
func TestAcquireMakesFolders(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "a", "b", "c")
	l := acquire(t, dir)
	refused(t, dir)
	must(t, l.Release())
	if _, err := os.Stat(filepath.Join(root, "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder is left: %v", err)
	}
	l = acquire(t, dir)
	fill(t, dir, map[string]string{"x": ""})
	must(t, l.Release())
	if _, err := os.Stat(filepath.Join(dir, "x")); err != nil {
		t.Error(err)
	}
	fill(t, root, map[string]string{"file": ""})
	if _, err := Acquire(t.Context(), filepath.Join(root, "file", "x"), func() {}); err == nil {
		t.Error("locks a folder below a file")
	}
}

// TestAcquireReplaced: the lock of a folder that was removed is worth nothing.
func TestAcquireReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	must(t, os.Mkdir(dir, 0o755))
	old := acquire(t, dir)
	must(t, os.Rename(dir, dir+"-old"))
	l := acquire(t, dir) // a new folder
	refused(t, dir)
	must(t, old.Release())
	refused(t, dir)
	must(t, l.Release())
}

// TestLockInCache locks as systems do that cannot lock a folder.
func TestLockInCache(t *testing.T) {
	cache, dir := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	l, err := lockInCache(dir)
	must(t, err)
	if _, err := lockInCache(filepath.Join(dir, ".")); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want %v", err, ErrLocked)
	}
	other, err := lockInCache(t.TempDir())
	must(t, err)
	must(t, other.Release())
	must(t, l.Release())
	l, err = lockInCache(dir)
	must(t, err)
	must(t, l.Release())
	if diff := cmp.Diff(map[string]string{".": snapshot(t, dir)["."]}, snapshot(t, dir)); diff != "" {
		t.Errorf("a lock leaves (-want +got):\n%s", diff)
	}
}

// A link that leads to nothing is not a lock that is held.
func TestAcquireDanglingLink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink("nowhere", link))
	for dir, want := range map[string]string{
		link:                         link + " links to nowhere, which does not exist",
		filepath.Join(link, "below"): link + " links to nowhere, which does not exist",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*lockInterval)
		_, err := Acquire(ctx, dir, func() { t.Errorf("waits for %s", dir) })
		cancel()
		if err == nil || err.Error() != want {
			t.Errorf("Acquire(%s): got %v, want %s", dir, err, want)
		}
	}
}
