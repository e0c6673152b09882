package rotate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/clusterreader"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// loaded is a rotation, its files and the cluster.
type loaded struct {
	program   string
	file      string // of the rotation
	plan      *rotator.Plan
	certsFile string // by which the locations are made; "" if that is not known
	sources   rotator.Sources
}

// load reads the rotation and its files, and connects to the cluster.
func (o *Options) load(ctx context.Context) (*loaded, error) {
	r, err := o.read(ctx)
	if err != nil {
		return nil, err
	}
	passwords, err := o.Passwords.Passwords()
	if err != nil {
		return nil, err
	}
	l := &loaded{program: o.Program, file: o.File}
	if l.plan, err = rotator.Load(ctx, certificates.Reader(o.IO, o.Limits, passwords), filepath.Dir(o.File), r, o.Now); err != nil {
		return nil, err
	}
	l.sources = rotator.Sources{ClusterNamespace: o.ResourceNamespace, Passwords: passwords, Public: o.Public()}
	if err := o.addEntry(ctx, l); err != nil {
		return nil, err
	}
	if l.sources.Cluster, err = o.Cluster(); err != nil {
		return nil, err
	}
	l.sources.Pods, err = o.Cluster(l.plan.Rotation.Workloads.Namespaces...)
	return l, err
}

// read reads the rotation.
func (o *Options) read(ctx context.Context) (rotation.Rotation, error) {
	name, data, err := o.find(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return rotation.Rotation{}, hint.With(fmt.Errorf("%s: no such file", o.File), "kubectl certs trust rotate --help has an example")
	}
	if err != nil {
		return rotation.Rotation{}, err
	}
	return rotation.ParseFile(o.Limits, name, data)
}

// find returns the document of the rotation: the usual file, or the one that the
// user names, which may be on stdin or in a folder.
func (o *Options) find(ctx context.Context) (name string, data []byte, err error) {
	if !o.Named {
		data, err = filetree.ReadBeside(o.File)
		return o.File, data, err
	}
	reader := source.Reader{In: o.IO.In, Budget: o.Limits}
	contents, err := reader.Contents(ctx, []string{o.File}, false)
	if err != nil {
		return "", nil, err
	}
	own, err := contents.One(rotation.Kind)
	switch {
	case err != nil:
		return "", nil, err
	case own == nil || len(contents.Manifests) > 0:
		return "", nil, fmt.Errorf("%s: must contain one object of kind %s, apiVersion %s, and nothing else", o.File, rotation.Kind, rotation.APIVersion)
	case o.File != source.Stdin:
		o.File = own.Name
	}
	return own.Name, own.Data, nil
}

// facts asks the cluster and servers all that the rotation depends on.
func (o *Options) facts(ctx context.Context, l *loaded) (rotation.Facts, error) {
	done := o.IO.Progressing("reading the cluster")
	f, err := l.plan.Facts(ctx, l.sources, o.Now)
	done()
	if err == nil && l.sources.Public == nil && (usage.Report{Doubts: f.Doubts}).Open() {
		o.IO.Messagef("note: %s", clusterreader.NoPublicRoots)
	}
	return f, err
}

// advice says what to do about the rotation.
func (l *loaded) advice() rotation.Advice {
	return rotation.Advice{Program: l.program, File: l.file, CertsFile: l.certsFile, Rotation: l.plan.Rotation, Old: l.plan.Old, New: l.plan.New}
}

// bundlePath is where the bundle is.
func (l *loaded) bundlePath() string { return l.plan.Path(l.plan.Rotation.Bundle) }
