package disk

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Open returns what may be read for the sake of a file or folder that the user
// names, and the slash path of that file or folder in it. Symbolic links in
// name are resolved first, as kustomize does, so that ".." leads where it leads
// on the disk. A path that does not exist is an error that is fs.ErrNotExist.
func Open(name string) (*Root, string, error) {
	file, err := filepath.Abs(name)
	if err != nil {
		return nil, "", err
	}
	file, err = filepath.EvalSymlinks(file)
	if err != nil {
		return nil, "", err
	}
	folder := file
	if info, err := os.Stat(file); err == nil && !info.IsDir() {
		folder = filepath.Dir(file)
	}
	dir := top(folder)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", err
	}
	return &Root{dir: dir, root: root}, toName(file), nil
}

// ReadBeside reads a file that the user does not name, but that is at its usual
// place: a link in its stead may lead no further than Open lets its folder be
// read.
func ReadBeside(file string) ([]byte, error) {
	root, dir, err := Open(filepath.Dir(file))
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: file, Err: reason(err)}
	}
	data, err := root.ReadFile(path.Join(dir, filepath.Base(file)))
	if wrong, ok := err.(*fs.PathError); ok {
		wrong.Path = file
	}
	return data, err
}

// top is the folder that may be read for the sake of another: the top of the
// Git work tree that it is in, else the folder of certs.yaml at or above it, or
// of the tree whose overlay it is, else itself.
func top(folder string) string {
	for _, name := range []string{".git", "certs.yaml"} {
		for dir := folder; ; dir = filepath.Dir(dir) {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil { // a file in submodules and linked work trees
				return dir
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if above := filepath.Dir(folder); filepath.Base(above) == "overlays" {
		return filepath.Dir(above)
	}
	return folder
}
