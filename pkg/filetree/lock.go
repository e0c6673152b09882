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

// Lock is an exclusive lock of a process on a folder. The operating system
// releases it when the process ends, even if it is killed.
type Lock struct {
	held *flock.Flock
	made []string // folders that Acquire created, the outermost first
}

// lockInterval is the interval in which Acquire tries again.
const lockInterval = 50 * time.Millisecond

// Acquire locks a folder, and creates it if it does not exist. If another
// process holds the lock, it calls waiting once, and tries again until ctx is
// done. It returns ErrLocked then.
//
// The folder itself is locked, so that no file remains in it. If the system
// cannot lock a folder, as on Windows and on some network file systems, a file
// in the user's cache folder is locked instead. That does not exclude other
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

// tryLock tries again if the folder was removed or replaced before it was
// locked. Only the holder of a folder's lock removes the folder.
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

// Release releases the lock, and removes the folders that Acquire created if
// they are empty.
func (l *Lock) Release() error {
	for _, dir := range slices.Backward(l.made) {
		if os.Remove(dir) != nil {
			break // it is not empty
		}
	}
	return l.held.Unlock()
}

// makeFolders creates a folder and its parents, and returns those that did not
// exist.
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

// dangling returns an error for a dangling link, which Stat does not find and
// Mkdir does. Any other file was created by another process in the meantime.
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

// lockInCache locks a file that represents a folder.
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
