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

// writeTemp writes a synced file with a new name in dir and returns its path.
// If perm is 0, the mode is 0644 minus the umask. It leaves no file if it
// fails.
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

// remove removes a file or an empty folder, if it exists.
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

// syncDir makes a folder's entries durable, if the system supports it: Windows
// does not, and some network file systems return EINVAL.
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
