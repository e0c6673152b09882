package spec

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// json hands a node to a type that reads itself from JSON: the free-form
// configuration of a webhook.
func (d *decoder) json(node *yaml.Node, at *path, into json.Unmarshaler) {
	known := len(d.list)
	value := d.plain(node, at)
	if len(d.list) > known {
		return
	}
	data, err := json.Marshal(value)
	if err == nil {
		err = into.UnmarshalJSON(data)
	}
	if err != nil {
		d.bad(node, at, "%v", err)
	}
}

// plain turns a free-form node into what encoding/json can write.
func (d *decoder) plain(node *yaml.Node, at *path) any {
	node = resolve(node)
	if !d.spend(node, at, 1) {
		return nil
	}
	switch node.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.eachPair(node, pairs(node), at, func(f pair) {
			m[f.key.Value] = d.plain(f.value, at.at(f.key.Value))
		})
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = d.plain(item, at.item(i))
		}
		return list
	}
	return d.plainScalar(node, at)
}

func (d *decoder) plainScalar(node *yaml.Node, at *path) any {
	if node.ShortTag() == "!!timestamp" {
		return node.Value
	}
	var value any
	err := node.Decode(&value)
	if err == nil {
		_, err = json.Marshal(value)
	}
	if err != nil {
		d.bad(node, at, "%q has no form in JSON; quote it", node.Value)
		return nil
	}
	return value
}
