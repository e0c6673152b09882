package strictyaml

import (
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// eachPair visits the fields of a mapping, and reports duplicate keys and
// invalid merge keys.
func (d *Decoder) eachPair(node *yaml.Node, fields []yamlnode.Pair, at *Path, visit func(yamlnode.Pair)) {
	if !d.spend(node, at, len(fields)) {
		return
	}
	d.merges(node, at)
	twice := duplicates(fields)
	for i, f := range fields {
		if f.Key.Kind != yaml.ScalarNode {
			d.Bad(f.Key, at, "a key must be plain text")
			continue
		}
		if first, again := twice[i]; again {
			d.Bad(f.Key, at.At(f.Key.Value), "duplicate key (first on line %d)", fields[first].Key.Line)
			continue
		}
		visit(f)
	}
}

func (d *Decoder) merges(node *yaml.Node, at *Path) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; yamlnode.IsMerge(key) && !yamlnode.IsMergeable(node.Content[i+1]) {
			d.Bad(key, at.At("<<"), "must be a map or a list of maps")
		}
	}
}

// duplicates maps the index of every duplicate key to that of its first.
func duplicates(fields []yamlnode.Pair) map[int]int {
	var twice map[int]int
	note := func(i, first int) {
		if twice == nil {
			twice = map[int]int{}
		}
		twice[i] = first
	}
	if len(fields) <= 16 { // cheaper than a map
		for i := range fields {
			for j := range i {
				if fields[i].Key.Value == fields[j].Key.Value {
					note(i, j)
					break
				}
			}
		}
		return twice
	}
	seen := make(map[string]int, len(fields))
	for i, f := range fields {
		if first, again := seen[f.Key.Value]; again {
			note(i, first)
			continue
		}
		seen[f.Key.Value] = i
	}
	return twice
}
