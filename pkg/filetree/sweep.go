package filetree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// tempName matches the names that writeTemp gives.
var tempName = regexp.MustCompile(`^\.kubectl-certs-[A-Z2-7]{26,}$`)

// Sweep removes the temporary files of a killed Write at or below the given
// folders of root, and the folders that are empty then. It returns the paths of
// the files. The caller must hold the lock of root, so that no other process
// uses them. Symbolic links are neither removed nor followed.
func Sweep(root string, dirs ...string) (removed []string, err error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var errs []error
	for _, dir := range dirs {
		dir = path.Clean(filepath.ToSlash(dir))
		if info, err := inspect(r, dir); err != nil || info == nil || !info.IsDir() {
			continue // Read reports it
		}
		errs = append(errs, fs.WalkDir(r.FS(), dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !isTemp(entry) {
				return err
			}
			removed = append(removed, name)
			return sweepFile(r, name)
		}))
	}
	return removed, errors.Join(errs...)
}

func isTemp(entry fs.DirEntry) bool {
	return entry.Type().IsRegular() && tempName.MatchString(entry.Name())
}

// sweepFile removes a file, and the folders above it that are empty then.
func sweepFile(r *os.Root, name string) error {
	if err := remove(r, name); err != nil {
		return err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		empty, err := isEmpty(r, dir)
		if err != nil || !empty {
			return err
		}
		if err := remove(r, dir); err != nil {
			return err
		}
	}
	return nil
}
