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

// Certificates reads trusted certificates from sources that the user names, in
// canonical order. It rejects servers, which can be impersonated, and files with
// unreadable certificates, which would count as removed. Errors have hints.
func (r Reader) Certificates(ctx context.Context, sources []string) ([]cabundle.Entry, error) {
	contents, err := r.Read(ctx, sources)
	return certificates(contents, err, sources)
}

// CertificatesBeside is Certificates for sources that a file in a folder names.
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
		return nil, hint.With(fmt.Errorf("%s: TLS servers are not supported here", address),
			"write its CA to a file with kubectl certs trust bundle "+address+" --pin …")
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

// PasswordHint adds a hint to ErrPassword.
func PasswordHint(err error) error {
	if errors.Is(err, cabundle.ErrPassword) {
		return hint.With(err, "write the password to a file and use --password-file")
	}
	return err
}

// Words returns sources as arguments that cannot be mistaken for flags.
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
