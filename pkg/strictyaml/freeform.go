package strictyaml

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// json decodes a node by the type's own JSON decoding: the free-form
// configuration of a webhook.
func (d *Decoder) json(node *yaml.Node, at *Path, into json.Unmarshaler) {
	known := len(d.List)
	value := d.plain(node, at)
	if len(d.List) > known {
		return
	}
	data, err := json.Marshal(value)
	if err == nil {
		err = into.UnmarshalJSON(data)
	}
	if err != nil {
		d.Bad(node, at, "%v", err)
	}
}

// plain converts a free-form node to a value that encoding/json can encode.
func (d *Decoder) plain(node *yaml.Node, at *Path) any {
	node = yamlnode.Resolve(node)
	if !d.spend(node, at, 1) {
		return nil
	}
	switch node.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.eachPair(node, yamlnode.Pairs(node), at, func(f yamlnode.Pair) {
			m[f.Key.Value] = d.plain(f.Value, at.At(f.Key.Value))
		})
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = d.plain(item, at.Item(i))
		}
		return list
	}
	return d.plainScalar(node, at)
}

func (d *Decoder) plainScalar(node *yaml.Node, at *Path) any {
	if node.ShortTag() == "!!timestamp" {
		return node.Value
	}
	var value any
	err := node.Decode(&value)
	if err == nil {
		_, err = json.Marshal(value)
	}
	if err != nil {
		d.Bad(node, at, "%q cannot be represented in JSON; quote it", node.Value)
		return nil
	}
	return value
}
