package config

import (
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// overlay applies one node to another as a JSON merge patch (RFC 7386): maps
// merge, null removes, anything else replaces. It changes neither input. Nodes
// keep their lines, and a merged map has the line of the patch.
func overlay(base, over *yaml.Node) *yaml.Node {
	base, over = yamlnode.Resolve(base), yamlnode.Resolve(over)
	if over.Kind != yaml.MappingNode {
		return over
	}
	merged := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: over.Line, Column: over.Column}
	put := func(key, value *yaml.Node) { merged.Content = append(merged.Content, key, value) }
	changes := map[string]yamlnode.Pair{}
	for _, f := range yamlnode.Pairs(over) {
		changes[f.Key.Value] = f
	}
	for _, f := range yamlnode.Pairs(base) {
		change, changed := changes[f.Key.Value]
		switch delete(changes, f.Key.Value); {
		case !changed:
			put(f.Key, f.Value)
		case !yamlnode.IsNull(yamlnode.Resolve(change.Value)):
			put(change.Key, overlay(f.Value, change.Value))
		}
	}
	for _, f := range yamlnode.Pairs(over) {
		if _, isNew := changes[f.Key.Value]; isNew && !yamlnode.IsNull(yamlnode.Resolve(f.Value)) {
			put(f.Key, overlay(&yaml.Node{}, f.Value))
		}
	}
	return merged
}
