package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/bundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// Project is a certs.yaml and what it asks for.
type Project struct {
	options      Options
	document     spec.Document
	base         overlay.Content
	environments []overlay.Environment // all of the file, none if it has no environments
	selected     []overlay.Environment
}

// New returns the project of a certs.yaml whose content is planned.
func New(o Options, doc spec.Document, base overlay.Content, environments []overlay.Environment) (*Project, error) {
	selected, err := selectEnvironments(o, base, environments)
	if err != nil {
		return nil, err
	}
	return &Project{options: o, document: doc, base: base, environments: environments, selected: selected}, nil
}

// Content returns the objects and files that are planned.
func Content(p plan.Plan) overlay.Content {
	return overlay.Content{Objects: manifest.Build(p), Folders: bundle.Folders(p)}
}

// DefaultEnvironment is the name of the environment of a certs.yaml without
// environments.
const DefaultEnvironment = "default"

// selectEnvironments returns the environment that the options name, or all of
// them. The base is one where there are none.
func selectEnvironments(o Options, base overlay.Content, environments []overlay.Environment) ([]overlay.Environment, error) {
	if len(environments) == 0 {
		environments = []overlay.Environment{{Name: DefaultEnvironment, Content: base}}
	}
	if o.Environment == "" {
		return environments, nil
	}
	i := slices.IndexFunc(environments, func(e overlay.Environment) bool { return e.Name == o.Environment })
	if i < 0 {
		return nil, fmt.Errorf("no environment %q in %s; there are %s", o.Environment, o.File, strings.Join(Names(environments), ", "))
	}
	return environments[i : i+1], nil
}

// Names returns the names of environments, in their order.
func Names(environments []overlay.Environment) []string {
	names := make([]string, len(environments))
	for i, e := range environments {
		names[i] = e.Name
	}
	return names
}

// Environments returns the environment that Options.Environment names, or all of
// them: a single one called default where certs.yaml has none.
func (p *Project) Environments() []overlay.Environment { return p.selected }

// Environment returns the only environment, which is what a cluster has. Several
// are an error.
func (p *Project) Environment() (overlay.Environment, error) {
	if len(p.selected) > 1 {
		return overlay.Environment{}, fmt.Errorf("a cluster is one environment; choose with -e: %s", strings.Join(Names(p.selected), ", "))
	}
	return p.selected[0], nil
}
