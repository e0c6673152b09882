package cabundle

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// maxApplied keeps sizes from growing without end by repetition.
const maxApplied = 1 << 40

// sizer computes how long objects are in JSON, each node once: decoding them
// takes the square of their keys, and aliases may stand for more than memory
// holds.
type sizer map[*yaml.Node]int

// applied is the size of what kubectl apply keeps of an object. Its metadata
// is left out: of a live object it holds the last copy.
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
	s[n] = 0 // for an alias inside of what it stands for
	size := 0
	switch n.Kind {
	case yaml.AliasNode:
		size = s.size(n.Alias)
	case yaml.ScalarNode:
		size = scalarSize(n)
	case yaml.MappingNode, yaml.SequenceNode:
		// {"key":value,"key":value} and [value,value]: a sign behind each node,
		// and one more.
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

// scalarSize takes numbers as they are written.
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
	text, _ := json.Marshal(s) // of a string it never fails
	return len(text)
}
