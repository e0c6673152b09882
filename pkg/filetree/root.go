package filetree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Root is a folder and all that is below it, for reading: an fs.FS, fs.StatFS
// and fs.ReadFileFS, safe for concurrent use. Names are slash paths from the
// root of the volume, so that ".." in them leads where it leads on the disk.
// Symbolic links are followed as long as they lead to something below the
// folder; anything else is an OutsideError. What is in a .git folder is a
// GitFolderError: the configuration there may hold tokens.
type Root struct {
	dir  string // absolute and without links
	root *os.Root
}

var (
	_ fs.ReadFileFS = (*Root)(nil)
	_ fs.StatFS     = (*Root)(nil)
)

// OutsideError is the refusal to read what is outside of a Root.
type OutsideError struct {
	Path   string // the path, or the link in it that leads outside
	Target string // where the link leads, "" if Path is no link
	Root   string // the folder that may be read
}

func (e *OutsideError) Error() string {
	if e.Target == "" {
		return fmt.Sprintf("%s is outside of %s, and nothing outside is read; move it there, or make a folder above both a Git work tree", e.Path, e.Root)
	}
	return fmt.Sprintf("%s is a link to %s, outside of %s, and nothing outside is read; replace the link with a copy", e.Path, e.Target, e.Root)
}

// GitFolderError is the refusal to read what is in a .git folder.
type GitFolderError struct {
	Path string // where the file is when all links are followed
}

func (e *GitFolderError) Error() string {
	return e.Path + " is in a .git folder, which is not read"
}

// Open opens a file or folder.
func (r *Root) Open(name string) (f fs.File, err error) {
	err = r.at("open", name, func(inside string) error {
		opened, err := r.root.Open(inside)
		f = opened
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ReadFile returns the contents of a file within the limit of size.
func (r *Root) ReadFile(name string) (data []byte, err error) {
	err = r.at("open", name, func(inside string) error {
		f, err := r.root.Open(inside)
		if err != nil {
			return err
		}
		defer f.Close()
		data, err = readBounded(f, name)
		return err
	})
	return data, err
}

// Stat describes a file or folder, without opening it.
func (r *Root) Stat(name string) (info fs.FileInfo, err error) {
	err = r.at("stat", name, func(inside string) error {
		info, err = r.root.Stat(inside)
		return err
	})
	return info, err
}

// Resolve returns the name that a file or folder has when all links on the way
// to it are followed.
func (r *Root) Resolve(name string) (string, error) {
	real, err := r.resolve(name)
	if err != nil {
		return "", err
	}
	return toName(filepath.Join(r.dir, real)), nil
}

// resolve returns the path below the folder of what a name leads to.
func (r *Root) resolve(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", fs.ErrInvalid
	}
	path := r.path(name)
	if inside, ok := below(r.dir, path); ok && inGitFolder(inside) {
		return "", &GitFolderError{path}
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	inside, ok := below(r.dir, real)
	switch {
	case !ok:
		return "", r.outside(path)
	case inGitFolder(inside):
		return "", &GitFolderError{real}
	}
	return inside, nil
}

// inGitFolder reports paths of a .git folder, or file, and of what is in it, as
// they are spelt on file systems that ignore case too.
func inGitFolder(path string) bool {
	return slices.ContainsFunc(strings.Split(path, string(filepath.Separator)), func(part string) bool {
		return strings.EqualFold(part, ".git")
	})
}

// Path returns the path of a file for messages, relative to the current folder
// if it is below that.
func (r *Root) Path(name string) string {
	path := r.path(name)
	if here, err := os.Getwd(); err == nil {
		if here, err = filepath.EvalSymlinks(here); err == nil {
			if relative, ok := below(here, path); ok {
				return filepath.ToSlash(relative)
			}
		}
	}
	return path
}

// at calls do with the path that name leads to below the folder. Links are
// followed before that: an os.Root does not follow absolute ones, nor those that
// lead out and in again, and follows those to a .git folder.
func (r *Root) at(op, name string, do func(inside string) error) error {
	inside, err := r.resolve(name)
	if err == nil {
		err = do(inside)
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: reason(err)}
	}
	return nil
}

// outside says how a path leads out of the folder.
func (r *Root) outside(path string) error {
	inside, ok := below(r.dir, path)
	if !ok {
		return &OutsideError{Path: path, Root: r.dir}
	}
	at := r.dir
	for _, part := range strings.Split(inside, string(filepath.Separator)) {
		at = filepath.Join(at, part)
		target, err := filepath.EvalSymlinks(at)
		if _, ok := below(r.dir, target); err == nil && !ok {
			return &OutsideError{Path: at, Target: target, Root: r.dir}
		}
	}
	return &OutsideError{Path: path, Root: r.dir} // it changes as it is read
}

// path returns the path on the disk of a name.
func (r *Root) path(name string) string {
	return filepath.Join(filepath.VolumeName(r.dir)+string(filepath.Separator), filepath.FromSlash(name))
}

// toName returns the name of an absolute path.
func toName(path string) string {
	root := filepath.VolumeName(path) + string(filepath.Separator)
	return filepath.ToSlash(filepath.Clean(strings.TrimPrefix(path, root)))
}

// below returns the path relative to dir of one that is at or below it.
func below(dir, path string) (string, bool) {
	rel, err := filepath.Rel(dir, path)
	return rel, err == nil && filepath.IsLocal(rel)
}

// reason is what is wrong with a file, without its path.
func reason(err error) error {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return wrong.Err
	}
	return err
}
