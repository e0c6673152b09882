package strictyaml

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// plainStruct reads a map of a plain kind of file.
func (d *Decoder) plainStruct(node *yaml.Node, at *Path, into reflect.Value) {
	words, fields, seen := d.format.Plain, d.format.FieldsOf(into.Type()), map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := at.At(key.Value)
		switch field, known := fields.ByName[key.Value]; {
		case !known:
			d.Bad(key, at, words.Unknown, strings.Join(fields.Declared, ", "))
		case seen[key.Value]:
			d.Bad(key, at, "%s", words.Twice)
		default:
			d.Decode(value, at, into.FieldByIndex(field.Index))
		}
		seen[key.Value] = true
	}
	for _, name := range fields.Required {
		if !seen[name] {
			d.Bad(node, at.At(name), "%s", words.Missing)
		}
	}
}

// wantPlain is Want for a plain kind of file.
func (d *Decoder) wantPlain(node *yaml.Node, at *Path, kind yaml.Kind) bool {
	switch {
	case kind == yaml.SequenceNode && (node.Kind != kind || len(node.Content) == 0):
		d.Bad(node, at, "%s", d.format.Plain.NotList)
	case kind == yaml.MappingNode && node.Kind != kind:
		d.Bad(node, at, "%s", d.format.Plain.NotMap)
	default:
		return node.Kind == kind
	}
	return false
}
