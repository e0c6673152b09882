package filetree

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"syscall"
)

// writeTemp writes a synced file of a new name in dir, of mode 0644 less the
// umask where perm is 0, and returns its path. It leaves nothing if it fails.
func writeTemp(r *os.Root, dir string, data []byte, perm fs.FileMode) (string, error) {
	name := path.Join(dir, ".kubectl-certs-"+rand.Text())
	f, err := r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil && perm != 0 {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, remove(r, name))
	}
	return name, nil
}

// remove removes a file or an empty folder, or finds it gone already.
func remove(r *os.Root, name string) error {
	if err := r.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func isEmpty(r *os.Root, dir string) (bool, error) {
	f, err := r.Open(dir)
	if err != nil {
		return false, err
	}
	defer f.Close()
	_, err = f.ReadDir(1)
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

// syncDir makes a folder's entries last through a crash, where the system can:
// Windows cannot at all, some network file systems say EINVAL.
func syncDir(r *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := r.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
