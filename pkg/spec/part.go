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
	outer := d.partial
	d.partial = true
	defer func() { d.partial = outer }()
	d.decode(node, at, reflect.New(into.whole()).Elem())
	into.keep(node)
}

// overlay lays one node over another as a JSON merge patch does (RFC 7386):
// maps merge, null removes, anything else replaces. Neither input is changed;
// nodes keep their lines, and a merged map has the line of what is laid over it.
func overlay(base, over *yaml.Node) *yaml.Node {
	base, over = resolve(base), resolve(over)
	if over.Kind != yaml.MappingNode {
		return over
	}
	merged := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: over.Line, Column: over.Column}
	put := func(key, value *yaml.Node) { merged.Content = append(merged.Content, key, value) }
	changes := map[string]pair{}
	for _, f := range pairs(over) {
		changes[f.key.Value] = f
	}
	for _, f := range pairs(base) {
		change, changed := changes[f.key.Value]
		switch delete(changes, f.key.Value); {
		case !changed:
			put(f.key, f.value)
		case !isNull(resolve(change.value)):
			put(change.key, overlay(f.value, change.value))
		}
	}
	for _, f := range pairs(over) {
		if _, isNew := changes[f.key.Value]; isNew && !isNull(resolve(f.value)) {
			put(f.key, overlay(&yaml.Node{}, f.value))
		}
	}
	return merged
}
