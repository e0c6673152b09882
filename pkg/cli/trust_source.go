package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/endpoint"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// sourceReader reads sources, and collects what is wrong with any of them.
//
// Only files that the user names may be anywhere. What is found in a folder or by
// a glob, or is named by another file, is read through a disk.Root: that of
// disk.OpenNamed for what the user names, of disk.Open for what a file names.
type sourceReader struct {
	ctx       context.Context
	env       Env
	passwords []string
	bundles   []trust.Bundle
	chains    []chain
	problems  []error
}

// chain is what a server sends.
type chain struct {
	address string
	certs   []trust.Entry
}

func (r *sourceReader) fail(err error) {
	if err != nil {
		r.problems = append(r.problems, err)
	}
}

// read reads all sources, or returns all that is wrong with them.
func (r *sourceReader) read(sources []string) error {
	stdin := 0
	for _, source := range sources {
		if source == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return errors.New("stdin can be one source only")
	}
	for _, source := range sources {
		r.source(source)
	}
	return r.wrong()
}

// wrong is what could not be read, nil for nothing.
func (r *sourceReader) wrong() error {
	if len(r.problems) == 0 {
		return nil
	}
	err := problems(r.problems)
	if errors.Is(err, trust.ErrPassword) {
		return withHint(err, "put the password into a file and name it with --password-file")
	}
	return err
}

// hostName matches addresses, and names that are hardly those of files.
var hostName = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){2,}$`)

func (r *sourceReader) source(source string) {
	if source == "-" {
		data, err := disk.ReadAll(r.env.In, "stdin")
		r.take("stdin", data, err)
		return
	}
	info, err := os.Stat(source)
	switch {
	case err == nil && info.IsDir():
		r.below(disk.OpenNamed, source, "")
	case err == nil:
		data, err := disk.ReadFile(source)
		r.take(source, data, err)
	case rotation.HostPort.MatchString(source):
		r.endpoint(source)
	case isGlob(source):
		dir, pattern := splitGlob(source)
		r.below(disk.OpenNamed, dir, pattern)
	case strings.Contains(source, "://"):
		r.fail(withHint(fmt.Errorf("%s: neither a file nor HOST:PORT", source), "a TLS server is named as in registry.example.com:443"))
	case errors.Is(err, fs.ErrNotExist) && hostName.MatchString(source) && !trust.Claims(source):
		r.fail(fmt.Errorf("%s: no such file or folder; a TLS server is named with its port, as in %s:443", source, source))
	case errors.Is(err, fs.ErrNotExist):
		r.fail(fmt.Errorf("%s: no such file or folder", source))
	default:
		r.fail(err)
	}
}

func (r *sourceReader) take(name string, data []byte, err error) {
	if err == nil {
		var b trust.Bundle
		if b, err = trust.ReadWithin(r.env.Limits, name, data, r.passwords...); err == nil {
			r.bundles = append(r.bundles, b)
		}
	}
	r.fail(err)
}

// below reads a folder, or what a path or a glob below it leads to.
func (r *sourceReader) below(open openFunc, dir, pattern string) {
	folder, err := openFolder(open, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isGlob(pattern):
		r.fail(fmt.Errorf("%s: no file matches", filepath.Join(dir, pattern)))
	case err != nil:
		r.fail(fmt.Errorf("%s: %w", dir, reason(err)))
	default:
		r.field(folder, pattern)
	}
}

func (r *sourceReader) endpoint(address string) {
	done := r.env.progress("connecting to " + address)
	certs, err := endpoint.Chain(r.ctx, address)
	done()
	if err != nil {
		r.fail(err)
		return
	}
	c := chain{address: address}
	for i, cert := range certs {
		place := finding.Position{Source: address, Field: fmt.Sprintf("certificate %d", i+1)}
		c.certs = append(c.certs, trust.Entry{Cert: cert, Place: place, Sent: true})
	}
	r.chains = append(r.chains, c)
}

// folder reads the files of a folder and those below it. Unlike a file that is
// named, one that is merely found may be something else.
func (r *sourceReader) folder(dir folder) {
	before, problems := len(r.bundles), len(r.problems)
	var skipped, links []string
	// A walk of its own file system follows dir where that is a link, and no
	// other: there may be loops below.
	sub, err := fs.Sub(dir.fsys, dir.name)
	if err != nil {
		r.fail(err)
		return
	}
	r.fail(fs.WalkDir(sub, ".", func(inside string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", dir.at(inside).shown, reason(err))
		}
		file := dir.at(inside)
		hidden := strings.HasPrefix(entry.Name(), ".") && inside != "."
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden:
			return r.ctx.Err()
		case isFolder(file):
			links = append(links, inside)
		case !r.found(file):
			skipped = append(skipped, path.Base(inside))
		}
		return r.ctx.Err()
	}))
	if len(skipped) > 0 {
		r.env.say("note: skipped %s without certificates in %s: %s", count(len(skipped), "file"), dir.shown, some(skipped))
	}
	if len(links) > 0 {
		r.env.say("note: skipped %s to folders in %s, which can be sources of their own: %s", count(len(links), "link"), dir.shown, some(links))
	}
	if len(r.bundles) == before && len(r.problems) == problems {
		r.fail(fmt.Errorf("%s: no certificate in any file of it", dir.shown))
	}
}

// isFolder reports links to folders too, wherever these are.
func isFolder(f folder) bool {
	info, err := fs.Stat(f.fsys, f.name)
	if outside, ok := errors.AsType[*disk.OutsideError](err); ok {
		info, err = os.Stat(outside.Target)
	}
	return err == nil && info.IsDir()
}

// some names the first few, and how many more there are.
func some(names []string) string { return phrase.List(names) }

// found reads a file of a folder, and reports whether it is of any concern: it
// is if its content or its name says that there are certificates in it.
func (r *sourceReader) found(f folder) bool {
	claims := trust.Claims(f.shown)
	info, err := fs.Stat(f.fsys, f.name)
	switch {
	case isRefusal(err):
		err = reason(err) // which has the path
	case err != nil:
		err = &fs.PathError{Op: "stat", Path: f.shown, Err: reason(err)}
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s: not a file", f.shown)
	case info.Size() > limits.MaxFile:
		err = fmt.Errorf("%s: too large for a file of certificates, %d MiB", f.shown, info.Size()>>20)
	}
	if err != nil {
		if claims {
			r.fail(err)
		}
		return claims
	}
	data, err := f.read()
	if err != nil {
		r.fail(err)
		return true
	}
	b, err := trust.ReadWithin(r.env.Limits, f.shown, data, r.passwords...)
	switch {
	case err == nil:
		r.bundles = append(r.bundles, b)
	case claims || !errors.Is(err, trust.ErrForeign):
		r.fail(err)
	default:
		return false
	}
	return true
}
