package disk

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Open returns the whole volume that path is on for reading, and the slash path
// of path in it, "." for its root. So a kustomization may refer to ../../base.
// Symbolic links in path are resolved first, as kustomize does, so that ".."
// leads where it leads on the disk; links in files read later are followed. A
// path that does not exist is an error that is fs.ErrNotExist.
func Open(path string) (fsys fs.FS, name string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return nil, "", err
	}
	root := filepath.VolumeName(path) + string(filepath.Separator)
	name, err = filepath.Rel(root, path)
	if err != nil {
		return nil, "", err
	}
	return os.DirFS(root), filepath.ToSlash(name), nil
}
