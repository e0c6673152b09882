package project

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Trusted has the locations of CA certificates in a target.
type Trusted struct {
	Locations []cluster.Target
	NodeDirs  []string // folders with files for nodes, which cannot be read
}

// Trusted returns the locations of CA certificates in a target. The error has
// those that cannot be read; the others are returned.
func (t Target) Trusted(values *usage.Values) (Trusted, error) {
	locations, wrong := cluster.TargetsOf(t.Objects, values)
	return Trusted{
		Locations: append(locations, cluster.ComponentTargets(t.Folders, values)...),
		NodeDirs:  nodetrust.NodeDirs(t.Folders),
	}, problem.Join(wrong...)
}

// InCluster returns the locations of CA certificates that a cluster must have, and
// the namespace where trust-manager reads the sources of Bundles. Components for
// pods are looked for in a namespace, "" for all. Without any location there is
// an error, and NodeDirs counts.
func (t Target) InCluster(namespace string, values *usage.Values) (trusted Trusted, trustNamespace string, err error) {
	if trusted, err = t.Trusted(values); err != nil {
		return Trusted{}, "", err
	}
	for i := range trusted.Locations {
		if l := &trusted.Locations[i].Location; l.Kind == usage.Component && namespace != "" {
			l.Namespace = namespace
		}
	}
	if len(trusted.Locations) == 0 {
		err = hint.With(errors.New("no trust target in the cluster is declared"), "kubectl certs trust verify ca/roots.pem --in LOCATION compares files with any location")
	}
	return trusted, cmp.Or(t.TrustNamespace, "cert-manager"), err
}

// trustEntry returns one entry of trust in the project's only environment.
func (p *Project) trustEntry(name string) (Target, error) {
	e, err := p.Environment()
	if err != nil {
		return Target{}, err
	}
	var t Target
	prefix := "trust/" + name + "/"
	for _, o := range e.Objects {
		if strings.HasPrefix(o.Part, prefix) {
			t.Objects = append(t.Objects, o.Object)
		}
	}
	for _, f := range e.Folders {
		if strings.HasPrefix(f.Dir, prefix) {
			t.Folders = append(t.Folders, f)
		}
	}
	return t, nil
}

// entriesOf returns an entry of trust in each environment that has it. A
// certs.yaml without environments has one with the default name.
func (p *Project) entriesOf(ctx context.Context, name string) []rotation.EntryIn {
	environments := p.document.Environments
	if len(environments) == 0 {
		environments = []config.Environment{{Name: DefaultEnvironment, Certs: p.document.Base}}
	}
	files := newCAFiles(p.options)
	var entries []rotation.EntryIn
	for _, e := range environments {
		i := slices.IndexFunc(e.Certs.Trust, func(t v1alpha1.Trust) bool { return t.Name == name })
		if i >= 0 {
			t := e.Certs.Trust[i]
			entries = append(entries, rotation.EntryIn{Environment: e.Name, Roots: files.certificates(ctx, t.From), FromIssuers: t.FromIssuers})
		}
	}
	return entries
}
