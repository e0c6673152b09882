package filetree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Open returns what may be read for the sake of a file or folder that the user
// names, and the slash path of that file or folder in it. Symbolic links in
// name are resolved first, as kustomize does, so that ".." leads where it leads
// on the disk. A link in a Git work tree to a folder outside of that is an
// OutsideError. A path that does not exist is an error that is fs.ErrNotExist.
func Open(name string) (*Root, string, error) {
	if name == "" { // filepath takes it for the working directory
		return nil, "", errors.New("a path is empty; name a file or folder, or . for the working directory")
	}
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
// is not in a Git work tree, links in it may lead anywhere: the standard folder
// of Debian, /etc/ssl/certs, consists of links to other folders.
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

// absolute returns the absolute path of a name. The working directory is without
// links: the user is there, whichever way led there.
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
// way to file that is in any, and the path of file by way of that link; "" if no
// link is in a work tree. Whoever can change a work tree chooses where its links
// lead; those elsewhere are the user's. File exists, so that no link is a loop.
func linkTop(file string) (dir, path string) {
	at, parts := split(file)
	for len(parts) > 0 {
		part := parts[0]
		target, err := os.Readlink(filepath.Join(at, part))
		if part == ".." || err != nil { // no link
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

// FindUp looks for a file as git looks for its repository: in the working
// directory, and then in each folder above it up to the top of the Git work tree.
// It returns the path from the working directory, and the name as it is where
// there is no such file.
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

// top is the folder that may be read for the sake of another: the top of the
// Git work tree that it is in, else the folder of certs.yaml at or above it, or
// of the tree whose overlay it is, else itself.
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
