package disk

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Read returns every regular *.yaml, *.yml and Kustomization file at or below the given
// folders of root, by slash path relative to root. Folders are named relative
// to root; one that does not exist holds nothing, but root must exist. Symbolic
// links in the folders or on the way to them, folders that are files, and names
// that lead out of root are errors, all of them at once.
func Read(root string, dirs ...string) (map[string][]byte, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	files, found := map[string][]byte{}, problems{}
	for _, dir := range dirs {
		readDir(r, path.Clean(filepath.ToSlash(dir)), files, found)
	}
	if err := found.join(); err != nil {
		return nil, err
	}
	return files, nil
}

func readDir(r *os.Root, dir string, files map[string][]byte, found problems) {
	info, err := inspect(r, dir)
	switch {
	case err != nil:
		found.add(err)
		return
	case info == nil:
		return
	case !info.IsDir():
		found.add(fmt.Errorf("%s is not a folder", dir))
		return
	}
	_ = fs.WalkDir(r.FS(), dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			found.add(err)
		case entry.Type()&link != 0:
			found.add(linkError(name))
		case entry.Type().IsRegular() && isYAML(name):
			data, err := r.ReadFile(name)
			found.add(err)
			files[name] = data
		}
		return nil
	})
}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yaml" || ext == ".yml" || path.Base(name) == "Kustomization"
}
