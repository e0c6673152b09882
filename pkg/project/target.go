package project

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// Target has the desired objects of a cluster.
type Target struct {
	Set     string // the set, which is a label of the objects
	Objects []manifest.Object
	Folders []nodetrust.Folder // with files that are not objects; unknown for a kustomization
	// TrustNamespace is the namespace where trust-manager reads the sources of
	// Bundles, "" if certs.yaml does not set it.
	TrustNamespace string
}

// Target returns the target of the project's only environment.
func (p *Project) Target() (Target, error) {
	e, err := p.Environment()
	if err != nil {
		return Target{}, err
	}
	t := Target{
		Set:            overlay.SetName(p.document.Base.Metadata.Name, e.Name),
		Folders:        e.Folders,
		TrustNamespace: trustNamespace(*p.document.Of(e.Name)),
	}
	for _, o := range e.Objects {
		t.Objects = append(t.Objects, o.Object)
	}
	return t, nil
}

// ReadTarget returns the target that the options name: the objects of the only
// environment of a certs.yaml, and those of manifests. Without a certs.yaml the
// set has no name.
func ReadTarget(ctx context.Context, o Options) (Target, error) {
	in, err := Read(ctx, o)
	if err != nil {
		return Target{}, err
	}
	var t Target
	switch {
	case in.Certs != nil:
		p, err := Build(ctx, o, *in.Certs)
		if err != nil {
			return Target{}, err
		}
		if t, err = p.Target(); err != nil {
			return Target{}, err
		}
	case o.Environment != "":
		return Target{}, fmt.Errorf("-e %s needs a certs.yaml, and -f has none", o.Environment)
	}
	return t, t.add(in)
}

// add adds the objects of manifests. Each must be unique and have a name.
func (t *Target) add(in Input) error {
	sources := map[manifest.ID]string{}
	for _, o := range t.Objects {
		sources[o.ID()] = in.Certs.Name()
	}
	var errs []error
	for _, d := range in.Manifests {
		for _, o := range d.Objects {
			id := o.ID()
			switch first, twice := sources[id]; {
			case o.Name() == "":
				errs = append(errs, fmt.Errorf("%s: %s has no name; generateName is not supported", d.Source, id))
			case twice:
				errs = append(errs, fmt.Errorf("%s: duplicate %s, first in %s", d.Source, id, first))
			}
			sources[id] = d.Source
			t.Objects = append(t.Objects, o)
		}
	}
	return problem.Join(errs...)
}

// BuildTarget returns the target of the kustomization in a folder. Its set is
// that of the annotation which generate writes, "" without it.
func BuildTarget(budget *limits.Budget, dir string) (Target, error) {
	fsys, name, err := filetree.Open(dir)
	if err != nil {
		return Target{}, err
	}
	guarded := filetree.Guard(fsys, budget.Err)
	if err := checkKustomization(guarded, name, dir); err != nil {
		return Target{}, err
	}
	b := overlay.Builder{Limits: budget}
	objects, err := b.Build(guarded, name)
	if err != nil {
		return Target{}, err
	}
	set, err := overlay.SetOf(guarded, name)
	return Target{Set: set, Objects: objects}, err
}

// checkKustomization refuses what is not the folder of a kustomization. shown is
// how the user names it.
func checkKustomization(fsys fs.FS, name, shown string) error {
	if info, err := fs.Stat(fsys, name); err == nil && !info.IsDir() {
		if overlay.IsKustomization(name) {
			return hint.With(fmt.Errorf("-k %s: not a folder", shown), "-k "+shell.Quote(filepath.Dir(shown))+" builds it")
		}
		return hint.With(fmt.Errorf("-k %s: not a folder", shown), "-f "+shell.Quote(shown)+" reads a file")
	}
	if overlay.HasKustomization(fsys, name) {
		return nil
	}
	advice := "-f " + shell.Quote(shown) + " reads the manifests in a folder"
	if below := overlay.Overlays(fsys, name); len(below) > 0 {
		advice = "-k " + shell.Quote(filepath.Join(shown, below[0])) + " builds an overlay in it"
	}
	return hint.With(fmt.Errorf("-k %s: no kustomization.yaml in it", shown), advice)
}

// trustNamespace returns the namespace where trust-manager reads the roots of
// issuers, "" if no entry has any. The checks of certs.yaml ensure that all
// such entries have the same namespace; that of others has no effect.
func trustNamespace(certs v1alpha1.Certs) string {
	for _, entry := range certs.Trust {
		if m := entry.To.TrustManager; m != nil && len(entry.FromIssuers) > 0 {
			return m.TrustNamespace
		}
	}
	return ""
}
