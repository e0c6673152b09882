package filetree

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// link is the mode of symbolic links, and on Windows of junctions.
const link = fs.ModeSymlink | fs.ModeIrregular

func linkError(name string) error {
	return fmt.Errorf("%s is a symbolic link; only plain files and folders are written", name)
}

// inspect describes the file at a slash path below root, nil if there is none.
// A path that leads out of root or through a link or a file is an error.
func inspect(r *os.Root, name string) (fs.FileInfo, error) {
	if _, err := filepath.Localize(name); err != nil {
		return nil, fmt.Errorf("%q is not a path below %s", name, r.Name())
	}
	if parent := path.Dir(name); parent != "." {
		info, err := inspect(r, parent)
		if info == nil || err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", parent)
		}
	}
	info, err := r.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&link != 0:
		return nil, linkError(name)
	}
	return info, nil
}

// problems are errors by their text, so that each is reported once.
type problems map[string]error

func (p problems) add(err error) {
	if err != nil {
		p[err.Error()] = err
	}
}

// join returns all problems in the order of their texts, nil if there are none.
func (p problems) join() error {
	var errs []error
	for _, text := range slices.Sorted(maps.Keys(p)) {
		errs = append(errs, p[text])
	}
	return errors.Join(errs...)
}
