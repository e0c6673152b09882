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
	File                     string // of the rotation
	Dir                      string // of the file
	Old, New, Others, Bundle []*x509.Certificate
	// OwnComments is true if the bundle has comments that rewriting it loses.
	OwnComments bool

	folder source.Folder
}

// Load reads the files that a rotation names in the folder of its file. The error
// lists all problems.
func Load(ctx context.Context, reader source.Reader, file string, r rotation.Rotation, now time.Time) (*Plan, error) {
	dir := filepath.Dir(file)
	p := &Plan{Rotation: r, File: file, Dir: dir}
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
	name := p.BundlePath()
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

// BundlePath returns the path of the bundle.
func (p *Plan) BundlePath() string { return p.Path(p.Rotation.Bundle) }

// BundleCommand returns the command that writes the first bundle.
func (p *Plan) BundleCommand() string {
	var old []string
	for _, name := range p.Rotation.Old {
		old = append(old, p.Path(name))
	}
	return "kubectl certs trust bundle " + shell.Join(old) + " > " + shell.Quote(p.BundlePath())
}

// CertsFile returns the path of the certs.yaml that generates the locations, ""
// if the rotation names none.
func (p *Plan) CertsFile() string {
	if p.Rotation.Trust == nil {
		return ""
	}
	return p.Path(p.Rotation.Trust.File)
}

// Advice returns what to advise about the rotation. Program is the name of the
// program in commands.
func (p *Plan) Advice(program string) rotation.Advice {
	return rotation.Advice{Program: program, File: p.File, CertsFile: p.CertsFile(), Rotation: p.Rotation, Old: p.Old, New: p.New}
}
