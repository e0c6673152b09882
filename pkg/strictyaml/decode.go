package strictyaml

import (
	"encoding/json"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Decode reads a node into a value that can be set.
func (d *Decoder) Decode(node *yaml.Node, at *Path, into reflect.Value) {
	written := node
	node = yamlnode.Resolve(node)
	if !d.spend(node, at, 1) || yamlnode.IsNull(node) && d.format.Plain == nil {
		return
	}
	to := into.Addr().Interface()
	if d.format.Read != nil && d.format.Read(d, written, at, to) {
		return
	}
	switch p := to.(type) {
	case Part:
		d.part(node, at, p)
	case json.Unmarshaler:
		d.json(node, at, p)
	default:
		d.byKind(node, at, into)
	}
}

func (d *Decoder) byKind(node *yaml.Node, at *Path, into reflect.Value) {
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		d.Decode(node, at, fresh.Elem())
		into.Set(fresh)
	case reflect.Struct:
		d.Struct(node, at, into)
	case reflect.Slice:
		d.slice(node, at, into)
	case reflect.Map:
		d.mapping(node, at, into)
	case reflect.String:
		d.text(node, at, into)
	case reflect.Bool:
		d.boolean(node, at, into)
	case reflect.Int, reflect.Int32, reflect.Int64:
		d.integer(node, at, into)
	default:
		panic("strictyaml: no decoding for " + into.Type().String())
	}
}

// Part has some of the fields of another type, which is read later. These
// fields are checked.
type Part interface {
	Whole() reflect.Type
	Keep(node *yaml.Node)
}

// part checks the fields and keeps the node.
func (d *Decoder) part(node *yaml.Node, at *Path, into Part) {
	outer := d.Partial
	d.Partial = true
	defer func() { d.Partial = outer }()
	d.Decode(node, at, reflect.New(into.Whole()).Elem())
	into.Keep(node)
}

// Struct reads a map into a struct, even if its type has a special form.
func (d *Decoder) Struct(node *yaml.Node, at *Path, into reflect.Value) {
	node = yamlnode.Resolve(node)
	if !d.Want(node, at, yaml.MappingNode) {
		return
	}
	if d.format.Plain != nil {
		d.plainStruct(node, at, into)
		return
	}
	fields, given := d.format.FieldsOf(into.Type()), yamlnode.Pairs(node)
	d.eachPair(node, given, at, func(f yamlnode.Pair) {
		field, known := fields.ByName[f.Key.Value]
		if !known {
			d.unknownField(f.Key, at, fields)
			return
		}
		at := at.At(f.Key.Value)
		if yamlnode.IsNull(yamlnode.Resolve(f.Value)) {
			d.null(f.Key, at, field)
			return
		}
		d.Decode(f.Value, at, into.FieldByIndex(field.Index))
	})
	if !d.Partial {
		d.required(node, given, at, fields, into)
	}
}

// plainStruct reads a map of a plain format.
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

func (d *Decoder) unknownField(key *yaml.Node, at *Path, fields *Fields) {
	d.Bad(key, at.At(key.Value), "unknown field%s", d.Suggest(key.Value, fields.Names))
}

// null reports a field without a value, unless null removes it.
func (d *Decoder) null(key *yaml.Node, at *Path, f Field) {
	switch {
	case d.Partial:
	case f.Required:
		d.Bad(key, at, "has no value, and one is required")
	case d.isMap(f.Type):
		d.Bad(key, at, "has no value; write {} for an empty map, or leave it out")
	default:
		d.Bad(key, at, "has no value; write one, or leave it out")
	}
}

// isMap reports whether a type is a map in YAML.
func (d *Decoder) isMap(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		return d.isMap(t.Elem())
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return d.format.isFreeForm(t)
	}
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Map
}

// required reports required fields that are missing or empty.
func (d *Decoder) required(node *yaml.Node, given []yamlnode.Pair, at *Path, fields *Fields, into reflect.Value) {
	for _, name := range fields.Required {
		value := yamlnode.ValueOf(given, name)
		switch kind := into.FieldByIndex(fields.ByName[name].Index).Kind(); {
		case value == nil:
			d.Bad(node, at.At(name), "required")
		case kind == reflect.String && value.Kind == yaml.ScalarNode && value.Value == "" && !yamlnode.IsNull(value),
			kind == reflect.Slice && value.Kind == yaml.SequenceNode && len(value.Content) == 0:
			d.Bad(value, at.At(name), "must not be empty")
		}
	}
}

// slice reads a list. A list in an override replaces the whole list, so its
// entries are complete.
func (d *Decoder) slice(node *yaml.Node, at *Path, into reflect.Value) {
	if !d.Want(node, at, yaml.SequenceNode) {
		return
	}
	outer := d.Partial
	d.Partial = false
	defer func() { d.Partial = outer }()
	if !d.spend(node, at, len(node.Content)) {
		return
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		if d.format.Plain == nil && yamlnode.IsNull(yamlnode.Resolve(item)) {
			d.Bad(item, at.Item(i), "is empty")
			continue
		}
		d.Decode(item, at.Item(i), list.Index(i))
	}
	into.Set(list)
}

func (d *Decoder) mapping(node *yaml.Node, at *Path, into reflect.Value) {
	if !d.Want(node, at, yaml.MappingNode) {
		return
	}
	m, elem := reflect.MakeMap(into.Type()), into.Type().Elem()
	d.eachPair(node, yamlnode.Pairs(node), at, func(f yamlnode.Pair) {
		at := at.At(f.Key.Value)
		if yamlnode.IsNull(yamlnode.Resolve(f.Value)) {
			d.nullEntry(f.Key, at, elem)
			return
		}
		value := reflect.New(elem).Elem()
		d.Decode(f.Value, at, value)
		m.SetMapIndex(reflect.ValueOf(f.Key.Value).Convert(into.Type().Key()), value)
	})
	into.Set(m)
}

// nullEntry reports an entry without a value, unless null removes it.
func (d *Decoder) nullEntry(key *yaml.Node, at *Path, elem reflect.Type) {
	switch {
	case reflect.PointerTo(elem).Implements(reflect.TypeFor[Part]()):
		d.Bad(key, at, "has no value; an environment changes entries but does not remove them")
	default:
		d.null(key, at, Field{Type: elem})
	}
}
