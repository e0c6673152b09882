package spec

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Part is some of the fields of a T: what an environment changes. It stays in
// the file's own form until it is laid over the whole.
type Part[T any] struct{ node *yaml.Node }

// part lets the decoder handle every Part alike.
type part interface {
	whole() reflect.Type
	keep(node *yaml.Node)
}

func (p *Part[T]) whole() reflect.Type  { return reflect.TypeFor[T]() }
func (p *Part[T]) keep(node *yaml.Node) { p.node = node }

// part checks the fields that are given and keeps the node.
func (d *decoder) part(node *yaml.Node, at *path, into part) {
	check := decoder{partial: true, budget: d.budget}
	check.decode(node, at, reflect.New(into.whole()).Elem(), 0)
	d.budget = check.budget
	d.list = append(d.list, check.list...)
	into.keep(node)
}

// overlay lays one node over another: maps merge, null removes, anything else
// replaces. Neither input is changed; nodes keep their lines.
func overlay(base, over *yaml.Node) *yaml.Node {
	base, over = resolve(base), resolve(over)
	if base.Kind != yaml.MappingNode || over.Kind != yaml.MappingNode {
		return over
	}
	merged := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: base.Line, Column: base.Column}
	changes := map[string]pair{}
	for _, f := range pairs(over) {
		changes[f.key.Value] = f
	}
	put := func(key, value *yaml.Node) {
		if !isNull(resolve(value)) {
			merged.Content = append(merged.Content, key, value)
		}
	}
	for _, f := range pairs(base) {
		change, changed := changes[f.key.Value]
		if !changed {
			put(f.key, f.value)
			continue
		}
		delete(changes, f.key.Value)
		put(change.key, overlay(f.value, change.value))
	}
	for _, f := range pairs(over) {
		if _, isNew := changes[f.key.Value]; isNew {
			put(f.key, f.value)
		}
	}
	return merged
}
