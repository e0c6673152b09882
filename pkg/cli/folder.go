package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
)

// folder is one on the disk, and how the user names it.
type folder struct {
	fsys  fs.FS
	name  string // in fsys
	shown string
}

// openFunc is disk.Open, or disk.OpenNamed.
type openFunc func(dir string) (*disk.Root, string, error)

func openFolder(open openFunc, dir string) (folder, error) {
	fsys, name, err := open(dir)
	return folder{fsys, name, dir}, err
}

// at is what has a path relative to the folder.
func (f folder) at(relative string) folder {
	return folder{f.fsys, path.Join(f.name, filepath.ToSlash(relative)), filepath.Join(f.shown, filepath.FromSlash(relative))}
}

func (f folder) read() ([]byte, error) {
	data, err := fs.ReadFile(f.fsys, f.name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.shown, reason(err))
	}
	return data, nil
}

// isRefusal reports an error of a disk.Root about what it does not read, which
// has the path.
func isRefusal(err error) bool {
	_, outside := errors.AsType[*disk.OutsideError](err)
	_, git := errors.AsType[*disk.GitFolderError](err)
	return outside || git
}

// isGlob reports whether a source is a pattern.
func isGlob(source string) bool { return strings.ContainsAny(source, "*?[") }

// splitGlob returns the folder that a pattern starts from, and the rest.
func splitGlob(pattern string) (dir, rest string) {
	dir = pattern
	for isGlob(dir) {
		dir = filepath.Dir(dir)
	}
	rest, err := filepath.Rel(dir, pattern)
	if err != nil {
		return ".", pattern
	}
	return dir, rest
}

// field reads what a file in a folder names: a file, a folder, or a pattern.
func (r *sourceReader) field(in folder, relative string) {
	f := in.at(relative)
	info, err := fs.Stat(f.fsys, f.name)
	switch {
	case err == nil && info.IsDir():
		r.folder(f)
	case err == nil:
		data, err := f.read()
		r.take(f.shown, data, err)
	case isGlob(relative):
		r.glob(in, filepath.ToSlash(relative))
	case errors.Is(err, fs.ErrNotExist):
		r.fail(fmt.Errorf("%s: no such file or folder", f.shown))
	default:
		r.fail(fmt.Errorf("%s: %w", f.shown, reason(err)))
	}
}

// escapeGlob is for paths that are no patterns.
var escapeGlob = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

func (r *sourceReader) glob(in folder, pattern string) {
	shown := filepath.Join(in.shown, filepath.FromSlash(pattern))
	start, _ := splitGlob(pattern) // fs.Glob passes over what it may not read
	if from := in.at(start); start != "." {
		if _, err := fs.Stat(from.fsys, from.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.fail(fmt.Errorf("%s: %w", shown, reason(err)))
			return
		}
	}
	names, err := fs.Glob(in.fsys, path.Join(escapeGlob.Replace(in.name), pattern))
	switch {
	case err != nil:
		r.fail(fmt.Errorf("%s: %w", shown, err))
	case len(names) == 0:
		r.fail(fmt.Errorf("%s: no file matches", shown))
	}
	for _, name := range names {
		relative, err := filepath.Rel(filepath.FromSlash(in.name), filepath.FromSlash(name))
		if err != nil {
			r.fail(err)
			continue
		}
		r.field(in, relative)
	}
}
