package filetree

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked means that another process holds the lock of a folder.
var ErrLocked = errors.New("another process is writing to it")

// Lock is the exclusive right of a process to write to a folder. The operating
// system releases it when the process ends, even if it is killed.
type Lock struct {
	held *flock.Flock
	made []string // folders that Acquire made, the outermost first
}

// lockInterval is how often Acquire tries.
const lockInterval = 50 * time.Millisecond

// Acquire locks a folder, and makes it if it does not exist. While another
// process holds the lock it calls waiting, once, and tries until ctx is done;
// it returns ErrLocked then.
//
// The folder itself is locked, so that no file remains in it. Where the system
// cannot lock a folder, as on Windows and on some network file systems, a file
// in the user's cache folder is locked instead, which does not exclude other
// users and other machines.
func Acquire(ctx context.Context, dir string, waiting func()) (*Lock, error) {
	for first := true; ; first = false {
		l, err := tryLock(dir)
		if !errors.Is(err, ErrLocked) {
			return l, err
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(lockInterval):
		}
	}
}

// tryLock tries again where the folder was removed or replaced between making
// and locking it. Only the holder of a folder's lock removes the folder.
func tryLock(dir string) (*Lock, error) {
	for range 100 {
		made, err := makeFolders(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		l, err := lockFolder(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		case l != nil:
			l.made = made
			return l, nil
		}
	}
	return nil, fmt.Errorf("lock %s: %w", dir, ErrLocked)
}

// Release gives the lock back, and removes the folders that Acquire made if
// nothing was written to them.
func (l *Lock) Release() error {
	for _, dir := range slices.Backward(l.made) {
		if os.Remove(dir) != nil {
			break // it holds something
		}
	}
	return l.held.Unlock()
}

// makeFolders makes a folder and those above it, and returns the ones that did
// not exist.
func makeFolders(dir string) (made []string, err error) {
	_, err = os.Stat(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if above := filepath.Dir(dir); above != dir {
		if made, err = makeFolders(above); err != nil {
			return made, err
		}
	}
	err = os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return made, dangling(dir)
	}
	return append(made, dir), err
}

// dangling returns an error for a link that leads to nothing, which Stat does not
// find and Mkdir does. Anything else was made by another process meanwhile.
func dangling(dir string) error {
	to, err := os.Readlink(dir)
	if err != nil {
		return nil // not a link
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s links to %s, which does not exist", dir, to)
	}
	return nil
}

// lockFolder returns nil if the folder at dir is no longer the one that it
// locked.
func lockFolder(dir string) (*Lock, error) {
	held := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	ok, err := held.TryLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return lockInCache(dir)
	case !ok:
		return nil, ErrLocked
	}
	locked, lockedErr := held.Stat()
	there, thereErr := os.Stat(dir)
	if lockedErr != nil || thereErr != nil || !os.SameFile(locked, there) {
		return nil, held.Unlock()
	}
	return &Lock{held: held}, nil
}

// lockInCache locks a file that stands for a folder.
func lockInCache(dir string) (*Lock, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	locks := filepath.Join(cache, "kubectl-certs", "locks")
	if err := os.MkdirAll(locks, 0o700); err != nil {
		return nil, err
	}
	held := flock.New(filepath.Join(locks, fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))))
	ok, err := held.TryLock()
	if err == nil && !ok {
		err = ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return &Lock{held: held}, nil
}
