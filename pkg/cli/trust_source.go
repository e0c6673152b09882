package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/endpoint"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// sourceReader reads sources, and collects what is wrong with any of them.
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
	if len(r.problems) == 0 {
		return nil
	}
	err := problems(r.problems)
	if errors.Is(err, trust.ErrPassword) {
		return withHint(err, "put the password into a file and name it with --password-file")
	}
	return err
}

// problems are errors that are told each on a line of its own.
type problems []error

func (p problems) Error() string {
	lines := make([]string, len(p))
	for i, err := range p {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\nerror: ")
}

func (p problems) Unwrap() []error { return p }

// all returns what there is of some errors: one as it is, nil for none.
func all(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return problems(errs)
}

var hostPort = regexp.MustCompile(`^(\[[0-9A-Fa-f:.%]+\]|[^\s/\\:]+):\d{1,5}$`)

func (r *sourceReader) source(source string) {
	if source == "-" {
		data, err := io.ReadAll(r.env.In)
		r.take("stdin", data, err)
		return
	}
	info, err := os.Stat(source)
	switch {
	case err == nil && info.IsDir():
		r.folder(source)
	case err == nil:
		data, err := os.ReadFile(source)
		r.take(source, data, err)
	case hostPort.MatchString(source):
		r.endpoint(source)
	case strings.ContainsAny(source, "*?["):
		r.glob(source)
	case strings.Contains(source, "://"):
		r.fail(withHint(fmt.Errorf("%s: neither a file nor HOST:PORT", source), "a TLS server is named as in registry.example.com:443"))
	case errors.Is(err, fs.ErrNotExist):
		r.fail(fmt.Errorf("%s: no such file or folder", source))
	default:
		r.fail(err)
	}
}

func (r *sourceReader) take(name string, data []byte, err error) {
	if err == nil {
		var b trust.Bundle
		if b, err = trust.Read(name, data, r.passwords...); err == nil {
			r.bundles = append(r.bundles, b)
		}
	}
	r.fail(err)
}

func (r *sourceReader) glob(pattern string) {
	names, err := filepath.Glob(pattern)
	switch {
	case err != nil:
		r.fail(fmt.Errorf("%s: %w", pattern, err))
	case len(names) == 0:
		r.fail(fmt.Errorf("%s: no file matches", pattern))
	}
	for _, name := range names {
		r.source(name)
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
		place := trust.Place{Source: address, Field: fmt.Sprintf("certificate %d", i+1)}
		c.certs = append(c.certs, trust.Entry{Cert: cert, Place: place, Sent: true})
	}
	r.chains = append(r.chains, c)
}

// folder reads the files of a folder and those below it. Unlike a file that is
// named, one that is merely found may be something else.
func (r *sourceReader) folder(dir string) {
	before, skipped := len(r.bundles), []string{}
	r.fail(filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(entry.Name(), ".") && name != dir
		switch {
		case err != nil:
			return err
		case entry.IsDir() && hidden:
			return filepath.SkipDir
		case entry.IsDir() || hidden:
			return r.ctx.Err()
		}
		if !r.found(name) {
			skipped = append(skipped, filepath.Base(name))
		}
		return r.ctx.Err()
	}))
	if len(skipped) > 0 {
		r.env.say("note: skipped %s without certificates in %s: %s", count(len(skipped), "file"), dir, some(skipped))
	}
	if len(r.bundles) == before && len(r.problems) == 0 {
		r.fail(fmt.Errorf("%s: no certificate in any file of it", dir))
	}
}

// maxFound is more than any bundle has.
const maxFound = 64 << 20

// some names the first few, and how many more there are.
func some(names []string) string {
	const few = 3
	list := strings.Join(names[:min(few, len(names))], ", ")
	if quoted := strconv.Quote(list); quoted != `"`+list+`"` {
		list = quoted // control characters do not reach a terminal
	}
	if len(names) > few {
		list += fmt.Sprintf(" and %d more", len(names)-few)
	}
	return list
}

// found reads a file of a folder, and reports whether it is of any concern.
func (r *sourceReader) found(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFound {
		return false
	}
	data, err := os.ReadFile(name)
	if err != nil {
		r.fail(err)
		return true
	}
	b, err := trust.Read(name, data, r.passwords...)
	switch {
	case err == nil:
		r.bundles = append(r.bundles, b)
	case errors.Is(err, trust.ErrPassword):
		r.fail(err)
	default:
		return false
	}
	return true
}
