package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Root is a folder and all that is below it, for reading: an fs.FS, fs.StatFS
// and fs.ReadFileFS, safe for concurrent use. Names are slash paths from the
// root of the volume, so that ".." in them leads where it leads on the disk.
// Symbolic links are followed as long as they lead to something below the
// folder; anything else is an OutsideError.
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
	return fmt.Sprintf("%s is a link to %s, outside of %s, and nothing outside is read; replace the link with a copy, or name the file itself", e.Path, e.Target, e.Root)
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
	if !fs.ValidPath(name) {
		return "", fs.ErrInvalid
	}
	real, err := filepath.EvalSymlinks(r.path(name))
	if err != nil {
		return "", err
	}
	if _, ok := below(r.dir, real); !ok {
		return "", r.outside(r.path(name))
	}
	return toName(real), nil
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

// at calls do with the path of name below the folder. An os.Root follows links
// but for absolute ones, and those that lead out and in again.
func (r *Root) at(op, name string, do func(inside string) error) error {
	if inside, ok := below(r.dir, r.path(name)); ok && fs.ValidPath(name) {
		err := do(inside)
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			return &fs.PathError{Op: op, Path: name, Err: reason(err)}
		}
	}
	real, err := r.Resolve(name)
	if err == nil {
		inside, _ := below(r.dir, r.path(real))
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
