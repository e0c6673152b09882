package project

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Project is a certs.yaml and its planned objects and files.
type Project struct {
	options      Options
	document     config.Document
	base         overlay.Content
	environments []overlay.Environment // all of the file, none if it has no environments
	selected     []overlay.Environment
}

// Open reads a certs.yaml and its CA files. The error is a *NotFoundError if
// there is no certs.yaml, and has all other problems.
func Open(ctx context.Context, o Options) (*Project, error) {
	doc, err := Parse(o)
	if err != nil {
		return nil, err
	}
	return Build(ctx, o, doc)
}

// Build is Open for a certs.yaml that has been read.
func Build(ctx context.Context, o Options, doc config.Document) (*Project, error) {
	o = o.withDocument(doc)
	reader := newCAReader(o)
	p := &Project{options: o, document: doc, base: content(plan.New(doc.Base, reader.read(ctx, "", doc.Base.Trust)))}
	if err := doc.Refuse(reader.invalid); err != nil { // environments would repeat the problems
		return nil, err
	}
	for _, e := range doc.Environments {
		own := content(plan.New(e.Certs, reader.read(ctx, e.Name, e.Certs.Trust)))
		overlay.Share(p.base.Objects, own.Objects)
		p.environments = append(p.environments, overlay.Environment{Name: e.Name, Content: own})
	}
	if err := doc.Refuse(reader.invalid); err != nil {
		return nil, err
	}
	var err error
	p.selected, err = selectEnvironments(o, p.base, p.environments)
	return p, err
}

// content returns the planned objects and files.
func content(p plan.Plan) overlay.Content {
	return overlay.Content{Objects: manifest.Build(p), Folders: nodetrust.Folders(p)}
}

// DefaultEnvironment is the name of the environment of a certs.yaml without
// environments.
const DefaultEnvironment = "default"

// selectEnvironments returns the environment that the options name, or all of
// them. Without environments it is the base.
func selectEnvironments(o Options, base overlay.Content, environments []overlay.Environment) ([]overlay.Environment, error) {
	if len(environments) == 0 {
		environments = []overlay.Environment{{Name: DefaultEnvironment, Content: base}}
	}
	if o.Environment == "" {
		return environments, nil
	}
	i := slices.IndexFunc(environments, func(e overlay.Environment) bool { return e.Name == o.Environment })
	if i < 0 {
		err := fmt.Errorf("no environment %q in %s; it has %s", o.Environment, o.File, strings.Join(Names(environments), ", "))
		return nil, hint.Meant(err, o.Environment, Names(environments))
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

// Environments returns the environment that Options.Environment names, or all
// of them. Without environments in certs.yaml there is one called default.
func (p *Project) Environments() []overlay.Environment { return p.selected }

// Environment returns the only environment, for a cluster. Several are an
// error.
func (p *Project) Environment() (overlay.Environment, error) {
	if len(p.selected) > 1 {
		return overlay.Environment{}, fmt.Errorf("certs.yaml has several environments; choose one with -e: %s", strings.Join(Names(p.selected), ", "))
	}
	return p.selected[0], nil
}
