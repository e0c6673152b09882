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

// Document is a certs.yaml with its defaults set: the file as written, and the
// result for each environment. They share what an environment does not change,
// so do not modify them below their entries.
type Document struct {
	Base         v1alpha1.Certs
	Environments []Environment

	file string // for later problems
	root *yaml.Node
}

// Of returns the configuration of one environment, or that of the file if it
// has no such environment.
func (d *Document) Of(environment string) *v1alpha1.Certs {
	for i := range d.Environments {
		if d.Environments[i].Name == environment {
			return &d.Environments[i].Certs
		}
	}
	return &d.Base
}

// Environment is the complete configuration of one environment.
type Environment struct {
	Name  string
	Certs v1alpha1.Certs

	root *yaml.Node // of the file with the changes of this environment
}

// Parse reads a certs.yaml within the budget of a command; nil limits the file
// alone. The error is a *problem.Error with every problem, which names the file.
func Parse(budget *limits.Budget, file string, data []byte) (Document, error) {
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
	rules := validation.Check(validation.Input{File: file, Root: root, Certs: &doc.Base, Misshapen: d.List})
	found := strictyaml.Problems{List: append(d.List, rules...)}
	if len(found.List) == 0 { // environments would repeat the problems
		doc.Environments = resolveEnvironments(doc, strictyaml.BudgetFor(data), &found)
	}
	if err := found.Err(file); err != nil {
		return Document{}, err
	}
	return doc, nil
}
