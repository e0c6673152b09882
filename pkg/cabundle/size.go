package cabundle

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// maxApplied limits sizes, which YAML aliases can multiply.
const maxApplied = 1 << 40

// sizer computes the size of objects in JSON, each node once. Decoding takes time
// quadratic in the number of keys, and aliases may expand to more than fits into
// memory.
type sizer map[*yaml.Node]int

// applied returns the size of the copy of an object that kubectl apply stores,
// without metadata: in a live object that includes the last copy.
func applied(n *yaml.Node) int {
	bare := *n
	bare.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "metadata" {
			bare.Content = append(bare.Content, n.Content[i], n.Content[i+1])
		}
	}
	return sizer{}.size(&bare)
}

func (s sizer) size(n *yaml.Node) int {
	if size, known := s[n]; known {
		return size
	}
	s[n] = 0 // for an alias to a node that contains it
	size := 0
	switch n.Kind {
	case yaml.AliasNode:
		size = s.size(n.Alias)
	case yaml.ScalarNode:
		size = scalarSize(n)
	case yaml.MappingNode, yaml.SequenceNode:
		// {"key":value,"key":value} and [value,value] have one character after each
		// node, and one more.
		size = max(len("{}"), len("{")+len(n.Content))
		for i, inner := range n.Content {
			if isKey := n.Kind == yaml.MappingNode && i%2 == 0; isKey {
				size += jsonSize(inner.Value)
			} else {
				size += s.size(inner)
			}
		}
	}
	s[n] = min(size, maxApplied)
	return s[n]
}

// scalarSize returns the size of a scalar. Numbers keep their notation.
func scalarSize(n *yaml.Node) int {
	switch n.ShortTag() {
	case "!!null":
		return len("null")
	case "!!int", "!!float", "!!bool":
		return len(n.Value)
	}
	return jsonSize(n.Value)
}

func jsonSize(s string) int {
	text, _ := json.Marshal(s) // a string never fails
	return len(text)
}
