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

	"github.com/kubectl-certs/kubectl-certs/pkg/bundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// entryPlaces adds the places that an entry of trust in a certs.yaml has, and
// sees to it that the bundle of the rotation is what they are made from.
func (in *rotateInput) entryPlaces(ctx context.Context, env Env) error {
	entry := in.rotation.Trust
	if entry == nil {
		return nil
	}
	in.certsFile = in.path(entry.File)
	options := projectFlags{file: in.certsFile, environment: entry.Environment}.options(env)
	data, err := in.folder.At(entry.File).Read()
	doc, err := parseSpec(env.Limits, in.certsFile, data, err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: trust.file: %s: no such file", in.file, in.certsFile)
	case err != nil:
		return err
	case len(in.bundle) == 0:
		return withHint(fmt.Errorf("%s: there is no certificate in it yet, and trust %s is made from it", in.path(in.rotation.Bundle), entry.Name),
			"kubectl certs trust bundle "+shell.Join(in.paths(in.rotation.Old))+" > "+shell.Join(in.paths([]string{in.rotation.Bundle})))
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

// checkEntry refuses an entry that a change of the bundle does not reach, or
// that has an old CA from another file, and warns of other environments.
func (in *rotateInput) checkEntry(ctx context.Context, env Env, doc spec.Document, environment string) error {
	if len(doc.Environments) == 0 {
		doc.Environments = []spec.Environment{{Name: environment, Certs: doc.Base}}
	}
	files := project.NewCAFiles(projectFlags{file: in.certsFile}.options(env))
	found := false
	var wrong []error
	for _, e := range doc.Environments {
		i := slices.IndexFunc(e.Certs.Trust, func(t spec.Trust) bool { return t.Name == in.rotation.Trust.Name })
		if i < 0 {
			continue
		}
		reads := false
		for _, root := range files.Certificates(ctx, e.Certs.Trust[i].From) {
			here := sameFile(root.Place.Source, in.path(in.rotation.Bundle))
			reads = reads || here
			if !here && e.Name == environment && slices.ContainsFunc(in.old, root.Cert.Equal) {
				wrong = append(wrong, fmt.Errorf("%s: trust %s has %s from %s too, and the rotation takes it out of %s only", in.certsFile, in.rotation.Trust.Name, pki.Name(root.Cert.Subject), root.Place.Source, in.rotation.Bundle))
			}
		}
		switch {
		case e.Name != environment && reads:
			env.say("warning: environment %s trusts %s too; ask its cluster as well before a CA is removed", e.Name, in.rotation.Bundle)
		case e.Name == environment && !reads:
			wrong = append(wrong, fmt.Errorf("%s: trust %s does not read %s; name it there under from", in.certsFile, in.rotation.Trust.Name, in.rotation.Bundle))
		}
		if found = found || e.Name == environment; e.Name == environment && len(e.Certs.Trust[i].FromIssuers) > 0 {
			env.say("warning: trust %s follows %s too, which a rotation cannot take out", in.rotation.Trust.Name, strings.Join(e.Certs.Trust[i].FromIssuers, ", "))
		}
	}
	if !found {
		wrong = append(wrong, fmt.Errorf("%s: there is no trust %s, which %s names", in.certsFile, in.rotation.Trust.Name, in.file))
	}
	return all(wrong...)
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

// addPlaces adds those of one entry. Whichever namespace an object without one
// gets, it counts.
func (in *rotateInput) addPlaces(env Env, e overlay.Environment) error {
	var objects []manifest.Object
	var folders []bundle.Folder
	prefix := "trust/" + in.rotation.Trust.Name + "/"
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
	values := usage.Values{Passwords: in.passwords}
	wanted, wrong := cluster.Wants(objects, &values)
	for _, w := range append(wanted, cluster.ComponentWants(folders, &values)...) {
		if w.Place.Vague() {
			w.Place.Namespace = usage.Everywhere
		}
		if namespaces := in.rotation.Workloads.Namespaces; w.Place.Kind == usage.Component && len(namespaces) > 0 {
			for _, n := range namespaces {
				w.Place.Namespace = n
				in.rotation.Locations = append(in.rotation.Locations, w.Place)
			}
			continue
		}
		in.rotation.Locations = append(in.rotation.Locations, w.Place)
	}
	if len(in.rotation.Locations) == 0 {
		wrong = append(wrong, withHint(fmt.Errorf("%s: no target of trust %s is in the cluster, so that nobody can tell whether the new CA is spread", in.certsFile, in.rotation.Trust.Name),
			"add one to its to, such as configmap, or name places"))
	}
	for _, dir := range bundle.NodeDirs(folders) {
		env.say("note: %s is for nodes, which cannot be asked: hand it over after add and after remove", dir)
	}
	return all(wrong...)
}
