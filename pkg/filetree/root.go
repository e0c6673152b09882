package filetree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Root is a folder with everything below it, for reading: an fs.FS, fs.StatFS
// and fs.ReadFileFS, safe for concurrent use. Names are slash paths from the
// root of the volume, so that ".." in them has the same meaning as on the disk.
// Symbolic links are followed if they lead to a file below the folder; other
// files are an OutsideError. Files in a .git folder are a GitFolderError: the
// configuration there may have tokens.
type Root struct {
	dir  string // absolute and without links
	root *os.Root
}

var (
	_ fs.ReadFileFS = (*Root)(nil)
	_ fs.StatFS     = (*Root)(nil)
)

// OutsideError means that a file is outside of a Root and is not read.
type OutsideError struct {
	Path   string // the path, or the link in it that leads outside
	Target string // where the link leads, "" if Path is not a link
	Root   string // the folder that may be read
}

func (e *OutsideError) Error() string {
	if e.Target == "" {
		return fmt.Sprintf("%s is outside of %s and is not read; move it there, or run git init in a folder above both", e.Path, e.Root)
	}
	return fmt.Sprintf("%s is a link to %s, which is outside of %s and is not read; replace the link with a copy", e.Path, e.Target, e.Root)
}

// GitFolderError means that a file is in a .git folder and is not read.
type GitFolderError struct {
	Path string // of the file after following links
}

func (e *GitFolderError) Error() string {
	return e.Path + " is in a .git folder, which is not read"
}

// IsRefusal reports whether an error is about a file that a Root does not read.
// Its text has the path.
func IsRefusal(err error) bool {
	_, outside := errors.AsType[*OutsideError](err)
	_, git := errors.AsType[*GitFolderError](err)
	return outside || git
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

// ReadFile returns the contents of a file within the size limit.
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

// Resolve returns the name of a file or folder after following all links.
func (r *Root) Resolve(name string) (string, error) {
	real, err := r.resolve(name)
	if err != nil {
		return "", err
	}
	return toName(filepath.Join(r.dir, real)), nil
}

// resolve returns the path of a file below the folder, after following links.
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

// inGitFolder reports whether a path is a .git folder or file, or is in one,
// also in the spellings of file systems that ignore case.
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

// at calls do with the path of name below the folder, after following links: an
// os.Root does not follow absolute ones, or those that lead out and in again,
// and it follows those to a .git folder.
func (r *Root) at(op, name string, do func(inside string) error) error {
	inside, err := r.resolve(name)
	if err == nil {
		err = do(inside)
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: problem.Reason(err)}
	}
	return nil
}

// outside returns the error for a path that leads out of the folder.
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
	return &OutsideError{Path: path, Root: r.dir} // it has changed in the meantime
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
