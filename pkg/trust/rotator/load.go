package rotator

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// Plan is a rotation with the certificates in its files.
type Plan struct {
	Rotation                 rotation.Rotation
	Dir                      string // of its file
	Old, New, Others, Bundle []*x509.Certificate
	// OwnComments is true if the bundle has comments that rewriting it loses.
	OwnComments bool

	folder source.Folder
}

// Load reads the files of a rotation in a folder. The error lists all problems.
func Load(ctx context.Context, reader source.Reader, dir string, r rotation.Rotation, now time.Time) (*Plan, error) {
	p := &Plan{Rotation: r, Dir: dir}
	var err error
	if p.folder, err = source.OpenFolder(dir); err != nil {
		return nil, err
	}
	old, oldErr := reader.CertificatesBeside(ctx, dir, r.Old)
	fresh, newErr := reader.CertificatesBeside(ctx, dir, r.New)
	others, othersErr := reader.CertificatesBeside(ctx, dir, r.Others)
	bundle, bundleErr := p.readBundle(ctx, reader)
	wrong := append([]error{oldErr, newErr, othersErr, bundleErr}, rotation.CheckNew(old, fresh, now)...)
	if err := problem.Join(wrong...); err != nil {
		return nil, err
	}
	p.Old, p.New, p.Others, p.Bundle = cabundle.Certificates(old), cabundle.Certificates(fresh), cabundle.Certificates(others), cabundle.Certificates(bundle)
	return p, nil
}

// readBundle reads the bundle, which may not exist yet. It rejects a bundle that
// cannot be rewritten without loss.
func (p *Plan) readBundle(ctx context.Context, reader source.Reader) ([]cabundle.Entry, error) {
	name := p.Path(p.Rotation.Bundle)
	data, err := p.Read(p.Rotation.Bundle)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(data) == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	if p.OwnComments, err = rotation.CheckBundle(data); err != nil {
		return nil, hint.With(fmt.Errorf("%s: %w", name, err), "kubectl certs trust bundle "+shell.Join([]string{name})+" prints clean PEM; write it to a file, set bundle to that file, and generate the locations from it")
	}
	return reader.CertificatesBeside(ctx, p.Dir, []string{p.Rotation.Bundle})
}

// Read returns the contents of a file of the rotation.
func (p *Plan) Read(name string) ([]byte, error) { return p.folder.At(name).Read() }

// Path returns the path of a file of the rotation.
func (p *Plan) Path(name string) string { return filepath.Join(p.Dir, filepath.FromSlash(name)) }
