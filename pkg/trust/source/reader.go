package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/tlsprobe"
)

// Reader reads sources of certificates. The zero value reads them without a
// budget, without passwords and without stdin.
//
// Files that the user names may be anywhere. Other files are read through a
// filetree.Root: that of filetree.OpenNamed for folders and globs that the user
// names, and of filetree.Open for sources that a file names.
type Reader struct {
	Limits    *limits.Budget
	Stdin     io.Reader
	Passwords []string // for PKCS#12 and JKS, tried in this order
	// Note is called with notes about skipped files; may be nil.
	Note func(text string)
	// Progress is called before a slow operation, and done after it; may be nil.
	Progress func(what string) (done func())
}

// Contents are the certificates of sources, in the order of the sources.
type Contents struct {
	Bundles []cabundle.Bundle
	Chains  []Chain
}

// Chain is the chain that a server sends.
type Chain struct {
	Address string // HOST:PORT
	Certs   []cabundle.Entry
}

// Read reads sources that the user names: a file, a folder, a glob, - for stdin,
// or HOST:PORT. It returns all contents that could be read. The errors of sources
// are a problem.List.
func (r Reader) Read(ctx context.Context, sources []string) (Contents, error) {
	stdin := 0
	for _, source := range sources {
		if source == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return Contents{}, errors.New("use - for stdin only once")
	}
	reading := reading{reader: r}
	for _, source := range sources {
		reading.source(ctx, source)
	}
	return reading.result()
}

// ReadFile reads a file that the user names. It does not accept folders, globs and
// servers.
func (r Reader) ReadFile(name string) (cabundle.Bundle, error) {
	data, err := filetree.ReadFile(name)
	if err != nil {
		return cabundle.Bundle{}, err
	}
	return cabundle.ReadWithin(r.Limits, name, data, r.Passwords...)
}

// ReadBeside reads sources that a file names: files, folders and globs, relative
// to the folder of that file. It returns all contents that could be read. The
// error is a problem.List.
func (r Reader) ReadBeside(ctx context.Context, dir string, names []string) (Contents, error) {
	reading := reading{reader: r}
	for _, name := range names {
		reading.below(ctx, filetree.Open, dir, name)
	}
	return reading.result()
}

func (r Reader) note(format string, args ...any) {
	if r.Note != nil {
		r.Note(fmt.Sprintf(format, args...))
	}
}

// reading collects the contents and errors of sources.
type reading struct {
	reader   Reader
	contents Contents
	errs     problem.List
}

func (r *reading) result() (Contents, error) {
	if len(r.errs) == 0 {
		return r.contents, nil
	}
	return r.contents, r.errs
}

func (r *reading) fail(err error) {
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// hostName matches IP addresses and names that are probably not files.
var hostName = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){2,}$`)

func (r *reading) source(ctx context.Context, source string) {
	if source == "-" {
		data, err := filetree.ReadAll(r.reader.Stdin, "stdin")
		r.parse("stdin", data, err)
		return
	}
	info, err := os.Stat(source)
	switch {
	case err == nil && info.IsDir():
		r.below(ctx, filetree.OpenNamed, source, "")
	case err == nil:
		r.add(r.reader.ReadFile(source))
	case cabundle.IsServer(source):
		r.server(ctx, source)
	case shortened.MatchString(source):
		r.fail(hint.With(fmt.Errorf("%s: incomplete SHA-256 fingerprint; all 64 digits are needed", source), "kubectl certs trust inspect -o wide shows whole fingerprints"))
	case isGlob(source):
		dir, pattern := splitGlob(source)
		r.below(ctx, filetree.OpenNamed, dir, pattern)
	case strings.Contains(source, "://"):
		r.fail(hint.With(fmt.Errorf("%s: not a file or HOST:PORT", source), "download the file; for a TLS server use HOST:PORT, for example registry.example.com:443"))
	case errors.Is(err, fs.ErrNotExist) && hostName.MatchString(source) && !cabundle.Claims(source):
		r.fail(fmt.Errorf("%s: no such file or folder; for a TLS server add the port: %s:443", source, source))
	case errors.Is(err, fs.ErrNotExist):
		r.fail(fmt.Errorf("%s: no such file or folder", source))
	default:
		r.fail(err)
	}
}

// parse adds the certificates in a file, or the error of reading it.
func (r *reading) parse(name string, data []byte, err error) {
	if err != nil {
		r.fail(err)
		return
	}
	r.add(cabundle.ReadWithin(r.reader.Limits, name, data, r.reader.Passwords...))
}

// add adds a bundle or an error.
func (r *reading) add(b cabundle.Bundle, err error) {
	if err != nil {
		r.fail(err)
		return
	}
	r.contents.Bundles = append(r.contents.Bundles, b)
}

func (r *reading) server(ctx context.Context, address string) {
	done := func() {}
	if r.reader.Progress != nil {
		done = r.reader.Progress("connecting to " + address)
	}
	certs, err := tlsprobe.Chain(ctx, address)
	done()
	if err != nil {
		r.fail(err)
		return
	}
	c := Chain{Address: address}
	for i, cert := range certs {
		position := finding.Position{Source: address, Field: fmt.Sprintf("certificate %d", i+1)}
		c.Certs = append(c.Certs, cabundle.Entry{Cert: cert, Position: position, Sent: true})
	}
	r.contents.Chains = append(r.contents.Chains, c)
}
