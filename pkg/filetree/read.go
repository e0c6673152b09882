package filetree

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Read returns the regular files at or below the given folders of root that
// have a name as in generated trees, by slash path relative to root. Folders
// are relative to root; a missing one is empty, but root must exist. Symbolic
// links in the folders or on the way to them, folders that are files, and names
// that lead out of root are errors. The error has all of them.
func Read(root string, dirs ...string) (map[string][]byte, error) {
	if info, err := os.Stat(root); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: is a file; a folder is needed", root)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, nameError(root, err)
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
		case entry.Type().IsRegular() && isTree(name):
			data, err := readIn(r, name)
			found.add(err)
			files[name] = data
		}
		return nil
	})
}

func readIn(r *os.Root, name string) ([]byte, error) {
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f, name)
}

// isTree reports whether a file has a name as in generated trees.
func isTree(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".pem", ".crt", ".jks", ".json", ".toml", ".tf", ".bicep":
		return true
	}
	return path.Base(name) == "Kustomization" || path.Base(name) == "SHA256SUMS"
}
