package rotate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// addEntry adds the locations that an entry of trust in a certs.yaml has, and
// ensures that the bundle of the rotation is what they are made from.
func (o *Options) addEntry(ctx context.Context, l *loaded) error {
	entry := l.plan.Rotation.Trust
	if entry == nil {
		return nil
	}
	l.certsFile = l.plan.Path(entry.File)
	doc, err := o.readCerts(l)
	if err != nil {
		return err
	}
	p, err := project.Build(ctx, o.Project(l.certsFile, entry.Environment), doc)
	if err != nil {
		return err
	}
	if err := o.checkEntry(ctx, l, p); err != nil {
		return err
	}
	return o.addLocations(l, p)
}

// readCerts reads the certs.yaml that the rotation names, and refuses one that does
// not determine the locations.
func (o *Options) readCerts(l *loaded) (config.Document, error) {
	entry := l.plan.Rotation.Trust
	data, err := l.plan.Read(entry.File)
	if errors.Is(err, fs.ErrNotExist) {
		return config.Document{}, fmt.Errorf("%s: trust.file: %s: no such file", o.File, l.certsFile)
	}
	if err != nil {
		return config.Document{}, err
	}
	doc, err := config.ParseWithin(o.Limits, l.certsFile, data)
	switch {
	case err != nil:
		return doc, err
	case len(l.plan.Bundle) == 0:
		return doc, hint.With(fmt.Errorf("%s: no certificates yet, and trust %s is generated from it", l.bundlePath(), entry.Name), l.makeBundle())
	case len(doc.Environments) > 1 && entry.Environment == "":
		return doc, fmt.Errorf("%s: trust.environment: required, because %s has %d environments", o.File, l.certsFile, len(doc.Environments))
	}
	return doc, nil
}

// makeBundle is the command that writes the first bundle.
func (l *loaded) makeBundle() string {
	var old []string
	for _, name := range l.plan.Rotation.Old {
		old = append(old, l.plan.Path(name))
	}
	return "kubectl certs trust bundle " + shell.Join(old) + " > " + shell.Quote(l.bundlePath())
}

// checkEntry refuses an entry that a change of the bundle does not reach, and
// warns of other environments.
func (o *Options) checkEntry(ctx context.Context, l *loaded, p *project.Project) error {
	e, err := p.Environment()
	if err != nil {
		return err
	}
	warnings, err := l.plan.Rotation.CheckEntry(rotation.EntryCheck{
		File: o.File, CertsFile: l.certsFile, Environment: e.Name, Old: l.plan.Old,
		IsBundle: func(source string) bool { return sameFile(source, l.bundlePath()) },
	}, p.EntriesOf(ctx, l.plan.Rotation.Trust.Name))
	for _, w := range warnings {
		o.IO.Messagef("warning: %s", w)
	}
	return err
}

// sameFile reports whether two names lead to one file.
func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	one, errA := os.Stat(a)
	other, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(one, other)
}

// addLocations adds those of the entry.
func (o *Options) addLocations(l *loaded, p *project.Project) error {
	target, err := p.TrustEntry(l.plan.Rotation.Trust.Name)
	if err != nil {
		return err
	}
	trusted, wrong := target.Trusted(&usage.Values{Passwords: l.sources.Passwords})
	var locations []usage.Location
	for _, t := range trusted.Locations {
		locations = append(locations, t.Location)
	}
	l.plan.Rotation.AddTargets(locations)
	for _, dir := range trusted.NodeDirs {
		o.IO.Messagef("note: %s is for nodes, which cannot be read: update the nodes after add and after remove", dir)
	}
	return problem.Join(wrong, l.plan.Rotation.CheckLocations(l.certsFile))
}
