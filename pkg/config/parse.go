package config

import (
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/validation"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Document is a certs.yaml with its defaults filled in: the file as it stands,
// and once more for every environment. They share what an environment does not
// change, so nobody may write into them below their entries.
type Document struct {
	Base         v1alpha1.Certs
	Environments []Environment

	file string // for problems that are found later
	root *yaml.Node
}

// Of returns what a file says in one environment; what it says to all where it
// has none of that name.
func (d *Document) Of(environment string) *v1alpha1.Certs {
	for i := range d.Environments {
		if d.Environments[i].Name == environment {
			return &d.Environments[i].Certs
		}
	}
	return &d.Base
}

// Environment is the whole of what holds in one environment.
type Environment struct {
	Name  string
	Certs v1alpha1.Certs

	root *yaml.Node // of the file as it is in this environment
}

// Parse reads a certs.yaml. The error is a *problem.Error that holds every problem;
// file is the name it uses.
func Parse(file string, data []byte) (Document, error) { return ParseWithin(nil, file, data) }

// ParseWithin is Parse within the budget of a command.
func ParseWithin(budget *limits.Budget, file string, data []byte) (Document, error) {
	root, bad := strictyaml.Document(budget, data, v1alpha1.APIVersion)
	if bad != nil {
		return Document{}, problem.New(file, []problem.Problem{*bad})
	}
	d := schema.Format.NewDecoder(strictyaml.BudgetFor(data))
	doc := Document{file: file, root: root}
	d.Decode(root, nil, reflect.ValueOf(&doc.Base).Elem())
	if d.Budget < 0 { // most of the file is unread
		return Document{}, d.Err(file)
	}
	v1alpha1.SetDefaults(&doc.Base)
	rules := validation.Check(validation.Input{Root: root, Certs: &doc.Base, Misshapen: d.List})
	found := strictyaml.Problems{List: append(d.List, rules...)}
	if len(found.List) == 0 { // an environment of a broken file would only repeat it
		doc.Environments = resolveEnvironments(root, strictyaml.BudgetFor(data), doc.Base, &found)
	}
	if err := found.Err(file); err != nil {
		return Document{}, err
	}
	return doc, nil
}
