package source

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// Certificates reads what is to be trusted from sources that the user names, in
// canonical order. Neither a server is such a source, since anybody may answer
// in its place, nor a file that has lost certificates: those would count as not
// wanted. Errors have hints.
func (r Reader) Certificates(ctx context.Context, sources []string) ([]cabundle.Entry, error) {
	contents, err := r.Read(ctx, sources)
	return certificates(contents, err, sources)
}

// CertificatesBeside is Certificates for what a file in a folder names.
func (r Reader) CertificatesBeside(ctx context.Context, dir string, names []string) ([]cabundle.Entry, error) {
	contents, err := r.ReadBeside(ctx, dir, names)
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(dir, filepath.FromSlash(name))
	}
	return certificates(contents, err, paths)
}

func certificates(contents Contents, err error, sources []string) ([]cabundle.Entry, error) {
	if err != nil {
		return nil, PasswordHint(err)
	}
	if len(contents.Chains) > 0 {
		address := contents.Chains[0].Address
		return nil, hint.With(fmt.Errorf("%s: a server is no source here", address),
			"kubectl certs trust bundle "+address+" --pin … writes a file that is")
	}
	b := contents.Bundle()
	damage := cabundle.Blocking(cabundle.Check(cabundle.Bundle{Findings: b.Findings}, cabundle.Generic, time.Now()))
	if len(damage) > 0 {
		errs := make(problem.List, len(damage))
		for i, f := range damage {
			errs[i] = errors.New(f.String())
		}
		return nil, hint.With(errs, "kubectl certs trust inspect "+shell.Join(Words(sources)))
	}
	return cabundle.Normalise(b.Entries), nil
}

// PasswordHint adds to an error for want of a password how to give one.
func PasswordHint(err error) error {
	if errors.Is(err, cabundle.ErrPassword) {
		return hint.With(err, "put the password into a file and name it with --password-file")
	}
	return err
}

// Words returns sources as a command takes them that has flags too.
func Words(sources []string) []string {
	words := slices.Clone(sources)
	for i, s := range words {
		if s != "-" {
			words[i] = shell.Path(s)
		}
	}
	return words
}

// Bundle returns the contents of all files as one bundle.
func (c Contents) Bundle() cabundle.Bundle { return cabundle.Join(c.Bundles...) }
