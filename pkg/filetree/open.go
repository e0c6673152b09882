package filetree

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Open returns the root within which files may be read for a file or folder of
// the user, and the slash path of that file or folder in it. Symbolic links in
// name are resolved first, as in kustomize, so that ".." has the same meaning
// as on the disk. A link in a Git work tree to a folder outside of it is an
// OutsideError. The error for a path that does not exist is fs.ErrNotExist.
func Open(name string) (*Root, string, error) {
	if name == "" { // filepath treats it as the working directory
		return nil, "", errors.New("empty path; use a file or folder, or . for the working directory")
	}
	root, inside, err := open(name)
	if err != nil {
		return nil, "", nameError(name, err)
	}
	return root, inside, nil
}

func open(name string) (*Root, string, error) {
	file, err := absolute(name)
	if err != nil {
		return nil, "", err
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return nil, "", err
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil, "", err
	}
	if !info.IsDir() {
		return openRoot(top(filepath.Dir(real)), real)
	}
	dir, way := linkTop(file)
	if dir == "" {
		dir = top(real)
	}
	root, inside, err := openRoot(dir, real)
	if err != nil {
		return nil, "", err
	}
	if _, ok := below(dir, real); !ok {
		_ = root.root.Close()
		return nil, "", root.outside(way)
	}
	return root, inside, nil
}

// OpenNamed is Open for a folder of which only certificates are printed. If it
// is not in a Git work tree, links in it may lead anywhere: Debian's
// /etc/ssl/certs consists of links to other folders.
func OpenNamed(name string) (*Root, string, error) {
	root, inside, err := Open(name)
	if err != nil {
		return nil, "", err
	}
	if _, ok := workTree(root.dir); ok {
		return root, inside, nil
	}
	_ = root.root.Close()
	return openRoot(root.path("."), root.path(inside))
}

// absolute returns the absolute path of a name. Links on the way to the working
// directory do not count.
func absolute(name string) (string, error) {
	if filepath.IsAbs(name) {
		return filepath.Clean(name), nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return "", err
	}
	return filepath.Join(here, name), nil
}

func openRoot(dir, file string) (*Root, string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", err
	}
	return &Root{dir: dir, root: root}, toName(file), nil
}

// linkTop returns the top of the Git work tree that has the first link on the
// way to file, and the path of file through that link; "" if no link is in a
// work tree. Links in a work tree are controlled by its authors, other links by
// the user. File exists, so the links form no loop.
func linkTop(file string) (dir, path string) {
	at, parts := split(file)
	for len(parts) > 0 {
		part := parts[0]
		target, err := os.Readlink(filepath.Join(at, part))
		if part == ".." || err != nil { // not a link
			at, parts = filepath.Join(at, part), parts[1:]
			continue
		}
		if dir, ok := workTree(at); ok {
			return dir, filepath.Join(at, filepath.Join(parts...))
		}
		start, first := split(target)
		if filepath.IsAbs(target) {
			at = start
		}
		parts = slices.Concat(first, parts[1:])
	}
	return "", ""
}

// split returns the root of the volume of a path, and the names below it.
func split(path string) (root string, parts []string) {
	separator := string(filepath.Separator)
	root = filepath.VolumeName(path) + separator
	return root, strings.Split(strings.TrimPrefix(filepath.FromSlash(path), root), separator)
}

// ReadBeside reads a file with a default name. If it is a link, it must not
// lead out of the root that Open returns for its folder.
func ReadBeside(file string) ([]byte, error) {
	root, dir, err := Open(filepath.Dir(file))
	if err != nil {
		return nil, nameError(file, err)
	}
	data, err := root.ReadFile(path.Join(dir, filepath.Base(file)))
	if err != nil {
		return nil, nameError(file, err)
	}
	return data, nil
}

// FindUp looks for a file as git looks for its repository: in the working
// directory, and then in each folder above it up to the top of the Git work tree.
// It returns the path from the working directory, or the name itself if there is
// no such file.
func FindUp(name string) string {
	here, err := absolute(".")
	if err != nil {
		return name
	}
	top, ok := workTree(here)
	dir, found := above(here, name)
	if !ok || !found || len(dir) < len(top) {
		return name
	}
	way, err := filepath.Rel(here, dir)
	if err != nil {
		return name
	}
	return filepath.Join(way, name)
}

// top is the folder within which files may be read for a folder: the top of its
// Git work tree, else the nearest parent with a certs.yaml or with the tree of
// which it is an overlay, else the folder itself.
func top(folder string) string {
	if dir, ok := workTree(folder); ok {
		return dir
	}
	if dir, ok := above(folder, "certs.yaml"); ok {
		return dir
	}
	if above := filepath.Dir(folder); filepath.Base(above) == "overlays" {
		return filepath.Dir(above)
	}
	return folder
}

// workTree returns the top of the Git work tree that a folder is in. Its .git is
// a file in submodules and linked work trees.
func workTree(folder string) (string, bool) { return above(folder, ".git") }

// above returns the nearest folder, at or above another, that has a file.
func above(folder, file string) (string, bool) {
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, file)); err == nil {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
	}
}
