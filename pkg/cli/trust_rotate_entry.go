package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// entryPlaces adds the places that an entry of trust in a certs.yaml has, and
// sees to it that the bundle of the rotation is what they are made from.
func (in *rotateInput) entryPlaces(ctx context.Context, env Env) error {
	entry := in.plan.Rotation.Trust
	if entry == nil {
		return nil
	}
	in.certsFile = in.plan.Path(entry.File)
	options := projectFlags{file: in.certsFile, environment: entry.Environment}.options(env)
	data, err := in.plan.Read(entry.File)
	doc, err := parseSpec(env.Limits, in.certsFile, data, err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: trust.file: %s: no such file", in.file, in.certsFile)
	case err != nil:
		return err
	case len(in.plan.Bundle) == 0:
		return withHint(fmt.Errorf("%s: there is no certificate in it yet, and trust %s is made from it", in.bundlePath(), entry.Name), in.makeBundle())
	}
	if len(doc.Environments) > 1 && entry.Environment == "" {
		return fmt.Errorf("%s: trust.environment: missing; a cluster is one environment, and %s has %d", in.file, in.certsFile, len(doc.Environments))
	}
	p, err := project.Build(ctx, options, doc)
	if err != nil {
		return err
	}
	e, err := p.Environment()
	if err != nil {
		return err
	}
	if err := in.checkEntry(ctx, env, doc, e.Name); err != nil {
		return err
	}
	return in.addPlaces(env, e)
}

// makeBundle is the command that writes the first bundle.
func (in *rotateInput) makeBundle() string {
	var old []string
	for _, name := range in.plan.Rotation.Old {
		old = append(old, in.plan.Path(name))
	}
	return "kubectl certs trust bundle " + shell.Join(old) + " > " + shell.Quote(in.bundlePath())
}

// checkEntry refuses an entry that a change of the bundle does not reach, and
// warns of other environments.
func (in *rotateInput) checkEntry(ctx context.Context, env Env, doc spec.Document, environment string) error {
	if len(doc.Environments) == 0 {
		doc.Environments = []spec.Environment{{Name: environment, Certs: doc.Base}}
	}
	files := project.NewCAFiles(projectFlags{file: in.certsFile}.options(env))
	var entries []rotation.EntryIn
	for _, e := range doc.Environments {
		i := slices.IndexFunc(e.Certs.Trust, func(t spec.Trust) bool { return t.Name == in.plan.Rotation.Trust.Name })
		if i >= 0 {
			t := e.Certs.Trust[i]
			entries = append(entries, rotation.EntryIn{Environment: e.Name, Roots: files.Certificates(ctx, t.From), FromIssuers: t.FromIssuers})
		}
	}
	warnings, err := in.plan.Rotation.CheckEntry(rotation.EntryCheck{
		File: in.file, CertsFile: in.certsFile, Environment: environment, Old: in.plan.Old,
		IsBundle: func(source string) bool { return sameFile(source, in.bundlePath()) },
	}, entries)
	for _, w := range warnings {
		env.say("warning: %s", w)
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

// addPlaces adds those of one entry.
func (in *rotateInput) addPlaces(env Env, e overlay.Environment) error {
	var objects []manifest.Object
	var folders []nodetrust.Folder
	prefix := "trust/" + in.plan.Rotation.Trust.Name + "/"
	for _, o := range e.Objects {
		if strings.HasPrefix(o.Part, prefix) {
			objects = append(objects, o.Object)
		}
	}
	for _, f := range e.Folders {
		if strings.HasPrefix(f.Dir, prefix) {
			folders = append(folders, f)
		}
	}
	values := usage.Values{Passwords: in.sources.Passwords}
	wanted, wrong := cluster.TargetsOf(objects, &values)
	var targets []usage.Location
	for _, w := range append(wanted, cluster.ComponentTargets(folders, &values)...) {
		targets = append(targets, w.Location)
	}
	in.plan.Rotation.AddTargets(targets)
	wrong = append(wrong, in.plan.Rotation.CheckLocations(in.certsFile))
	for _, dir := range nodetrust.NodeDirs(folders) {
		env.say("note: %s is for nodes, which cannot be asked: hand it over after add and after remove", dir)
	}
	return all(wrong...)
}
