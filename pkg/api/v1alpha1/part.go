package v1alpha1

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Part is some of the fields of a T: what an environment changes. It stays in
// the file's own form until it is laid over the whole.
type Part[T any] struct{ node *yaml.Node }

// Whole is part of strictyaml.Part: the type of the whole.
func (p *Part[T]) Whole() reflect.Type { return reflect.TypeFor[T]() }

// Keep is part of strictyaml.Part: it takes in the fields of the file.
func (p *Part[T]) Keep(node *yaml.Node) { p.node = node }

// Node returns the fields as the file has them, nil where there are none.
func (p Part[T]) Node() *yaml.Node { return p.node }
