package yamlnode

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// Resolve returns the node that an alias refers to, and any other node itself.
func Resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// IsNull reports whether a node is the null value.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// IsMerge reports whether a key is a merge key.
func IsMerge(key *yaml.Node) bool { return key.Tag == "!!merge" }

// IsMergeable reports whether a value may follow a merge key: a mapping, or a
// list of mappings.
func IsMergeable(value *yaml.Node) bool {
	value = Resolve(value)
	if value.Kind == yaml.SequenceNode {
		return !slices.ContainsFunc(value.Content, func(item *yaml.Node) bool { return Resolve(item).Kind != yaml.MappingNode })
	}
	return value.Kind == yaml.MappingNode
}

// Index returns the index in Content of a key that the mapping has itself, -1 if
// there is none or n is not a mapping.
func Index(n *yaml.Node, key string) int {
	if n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// Own returns the value of a key that the mapping has itself, as it is written;
// nil if there is none or n is not a mapping.
func Own(n *yaml.Node, key string) *yaml.Node {
	if i := Index(n, key); i >= 0 {
		return n.Content[i+1]
	}
	return nil
}

// Put sets the value of a key, which is added if the mapping does not have it
// itself. The line of a new key is that of its value.
func Put(n *yaml.Node, key string, value *yaml.Node) {
	if i := Index(n, key); i >= 0 {
		n.Content[i+1] = value
		return
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: value.Line}, value)
}

// Get returns the resolved value of a key, which may be merged, and the key
// itself; nil if there is none or n is not a mapping.
func Get(n *yaml.Node, key string) (value, at *yaml.Node) {
	for _, p := range Pairs(n) {
		if k := Resolve(p.Key); k.Value == key {
			return Resolve(p.Value), k
		}
	}
	return nil, nil
}

// At returns the value at a path of keys, as Get does for each, nil if there is
// none.
func At(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		if n, _ = Get(n, key); n == nil {
			return nil
		}
	}
	return n
}
