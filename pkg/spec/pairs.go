package spec

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

type pair struct{ key, value *yaml.Node }

// pairs lists the fields of a mapping, those of merge keys (<<) last.
// Fields that the mapping sets itself hide merged ones, and a source hides
// those that come after it.
func pairs(node *yaml.Node) []pair {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	own, merges := ownPairs(node)
	if len(merges) == 0 {
		return own
	}
	m := merger{fields: own, keys: map[string]bool{}, done: map[*yaml.Node]bool{node: true}}
	for _, f := range own {
		m.keys[f.key.Value] = true
	}
	for _, f := range merges {
		m.merge(f.value)
	}
	return m.fields
}

// ownPairs separates the fields of a mapping from its merge keys.
func ownPairs(node *yaml.Node) (own, merges []pair) {
	own = make([]pair, 0, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		f := pair{node.Content[i], node.Content[i+1]}
		if f.key.Tag == "!!merge" {
			merges = append(merges, f)
			continue
		}
		own = append(own, f)
	}
	return own, merges
}

// merger takes every mapping in once, so that neither circles nor repetition
// cost anything.
type merger struct {
	fields []pair
	keys   map[string]bool
	done   map[*yaml.Node]bool
}

func (m *merger) merge(source *yaml.Node) {
	source = resolve(source)
	if m.done[source] {
		return
	}
	m.done[source] = true
	if source.Kind == yaml.SequenceNode {
		for _, item := range source.Content {
			if resolve(item).Kind == yaml.MappingNode {
				m.merge(item)
			}
		}
		return
	}
	own, merges := ownPairs(source)
	for _, f := range own {
		if !m.keys[f.key.Value] {
			m.keys[f.key.Value] = true
			m.fields = append(m.fields, f)
		}
	}
	for _, f := range merges {
		m.merge(f.value)
	}
}

// isMergeable reports whether a value may stand after a merge key.
func isMergeable(value *yaml.Node) bool {
	value = resolve(value)
	if value.Kind == yaml.SequenceNode {
		return !slices.ContainsFunc(value.Content, func(item *yaml.Node) bool { return resolve(item).Kind != yaml.MappingNode })
	}
	return value.Kind == yaml.MappingNode
}
