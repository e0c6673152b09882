package v1alpha1

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Part is some of the fields of a T, as changed by an environment. It is kept
// as YAML until it is applied.
type Part[T any] struct{ node *yaml.Node }

// Whole implements strictyaml.Part: it returns the complete type.
func (p *Part[T]) Whole() reflect.Type { return reflect.TypeFor[T]() }

// Keep implements strictyaml.Part: it stores the fields of the file.
func (p *Part[T]) Keep(node *yaml.Node) { p.node = node }

// Node returns the fields as YAML, nil if there are none.
func (p Part[T]) Node() *yaml.Node { return p.node }
