package project

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Open is a stand-in until the CA files are read here.
func Open(_ context.Context, o Options) (*Project, error) {
	doc, err := Parse(o)
	if err != nil {
		return nil, err
	}
	base := Content(plan.New(doc.Base, nil))
	var environments []overlay.Environment
	for _, e := range doc.Environments {
		environments = append(environments, overlay.Environment{Name: e.Name, Content: Content(plan.New(e.Certs, nil))})
	}
	return New(o, doc, base, environments)
}
