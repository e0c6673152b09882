package cabundle

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// pairs iterates over the keys and values of a mapping, over nothing otherwise.
// A value that is an alias is what it stands for, one step deep, so that no
// manifest grows by repetition.
func pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v := n.Content[i+1]
			if v.Kind == yaml.AliasNode && v.Alias.Kind == yaml.ScalarNode {
				v = v.Alias
			}
			if !yield(n.Content[i].Value, v) {
				return
			}
		}
	}
}

// field returns the value of a key, nil if there is none.
func field(n *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(n) {
		if k == key {
			return v
		}
	}
	return nil
}

// scalar returns the text at a path of keys, "" if there is none.
func scalar(n *yaml.Node, path ...string) string {
	for _, key := range path {
		n = field(n, key)
	}
	if n == nil {
		return ""
	}
	return n.Value
}
