package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// folder reads the files in a folder and its subfolders. Unlike a file that is
// named, a file in a folder may have another purpose.
func (r *reading) folder(ctx context.Context, dir Folder) {
	bundles, errs := len(r.contents.Bundles), len(r.errs)
	var skipped, links []string
	// A walk of a sub file system follows dir if it is a link, but not links below,
	// which may have loops.
	sub, err := fs.Sub(dir.fsys, dir.name)
	if err != nil {
		r.fail(err)
		return
	}
	r.fail(fs.WalkDir(sub, ".", func(inside string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", dir.At(inside).shown, problem.Reason(err))
		}
		file := dir.At(inside)
		hidden := strings.HasPrefix(entry.Name(), ".") && inside != "."
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden:
			return ctx.Err()
		case isFolder(file):
			links = append(links, inside)
		case !r.found(file):
			skipped = append(skipped, path.Base(inside))
		}
		return ctx.Err()
	}))
	if len(skipped) > 0 {
		r.reader.note("skipped %s without certificates in %s: %s", phrase.Count(len(skipped), "file"), dir.shown, phrase.List(skipped))
	}
	if len(links) > 0 {
		r.reader.note("skipped %s to folders in %s; to read them, name them as sources: %s", phrase.Count(len(links), "link"), dir.shown, phrase.List(links))
	}
	if len(r.contents.Bundles) == bundles && len(r.errs) == errs {
		r.fail(fmt.Errorf("%s: no file with certificates", dir.shown))
	}
}

// isFolder reports whether a path is a folder or a link to a folder anywhere.
func isFolder(f Folder) bool {
	info, err := fs.Stat(f.fsys, f.name)
	if outside, ok := errors.AsType[*filetree.OutsideError](err); ok {
		info, err = os.Stat(outside.Target)
	}
	return err == nil && info.IsDir()
}

// found reads a file in a folder. It returns false if neither content nor name are
// those of a file with certificates.
func (r *reading) found(f Folder) bool {
	claims := cabundle.Claims(f.shown)
	if err := readable(f); err != nil {
		if claims {
			r.fail(err)
		}
		return claims
	}
	data, err := f.Read()
	if err != nil {
		r.fail(err)
		return true
	}
	b, err := cabundle.ReadWithin(r.reader.Limits, f.shown, data, r.reader.Passwords...)
	switch {
	case err == nil:
		r.contents.Bundles = append(r.contents.Bundles, b)
	case claims || !errors.Is(err, cabundle.ErrForeign):
		r.fail(err)
	default:
		return false
	}
	return true
}

// readable returns an error if a path is not a regular file within the size limit.
func readable(f Folder) error {
	info, err := fs.Stat(f.fsys, f.name)
	switch {
	case filetree.IsRefusal(err):
		return problem.Reason(err) // it has the path
	case err != nil:
		return &fs.PathError{Op: "stat", Path: f.shown, Err: problem.Reason(err)}
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: not a file", f.shown)
	case info.Size() > limits.MaxFile:
		return fmt.Errorf("%s: %d MiB, too large for a file with certificates", f.shown, info.Size()>>20)
	}
	return nil
}
