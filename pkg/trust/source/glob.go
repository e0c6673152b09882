package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// isGlob reports whether a source is a pattern.
func isGlob(source string) bool { return strings.ContainsAny(source, "*?[") }

// splitGlob splits a pattern into a folder without wildcards and the rest.
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

// below reads a folder, or a path or glob below it.
func (r *reading) below(ctx context.Context, open opener, dir, pattern string) {
	folder, err := openFolder(open, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isGlob(pattern):
		r.fail(fmt.Errorf("%s: no file matches", filepath.Join(dir, pattern)))
	case filetree.IsRefusal(err):
		r.fail(fmt.Errorf("%s: %w", dir, err))
	case err != nil:
		r.fail(err)
	default:
		r.path(ctx, folder, pattern)
	}
}

// path reads a file, a folder or a pattern below a folder.
func (r *reading) path(ctx context.Context, in Folder, relative string) {
	f := in.At(relative)
	info, err := fs.Stat(f.fsys, f.name)
	switch {
	case err == nil && info.IsDir():
		r.folder(ctx, f)
	case err == nil:
		data, err := f.Read()
		r.parse(f.shown, data, err)
	case isGlob(relative):
		r.glob(ctx, in, filepath.ToSlash(relative))
	case errors.Is(err, fs.ErrNotExist):
		r.fail(fmt.Errorf("%s: no such file or folder", f.shown))
	default:
		r.fail(fmt.Errorf("%s: %w", f.shown, problem.Reason(err)))
	}
}

// escapeGlob escapes paths that are not patterns.
var escapeGlob = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

func (r *reading) glob(ctx context.Context, in Folder, pattern string) {
	shown := filepath.Join(in.shown, filepath.FromSlash(pattern))
	start, _ := splitGlob(pattern) // fs.Glob ignores errors
	if from := in.At(start); start != "." {
		if _, err := fs.Stat(from.fsys, from.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.fail(fmt.Errorf("%s: %w", shown, problem.Reason(err)))
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
		r.path(ctx, in, relative)
	}
}
