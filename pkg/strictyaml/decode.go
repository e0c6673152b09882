package strictyaml

import (
	"encoding/json"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Decoder fills Go values from YAML nodes and collects problems.
type Decoder struct {
	Problems
	// Partial is true for an override: required fields may be missing, and null
	// removes.
	Partial bool
	// Budget is how many nodes may still be visited. Below 0 most of the file is
	// unread, which is a problem of its own.
	Budget int

	format *Format
}

// NewDecoder returns a decoder that may visit so many nodes.
func (f *Format) NewDecoder(budget int) *Decoder { return &Decoder{format: f, Budget: budget} }

// maxRepeats is how many nodes a short file may have visited: more than once
// each, where environments change large entries.
const maxRepeats = 500_000

// BudgetFor returns the budget for a file. It grows with the file: a node takes a byte at least and is visited a
// few times at most, and long files may repeat more.
func BudgetFor(data []byte) int { return maxRepeats + 8*len(data) }

// Bad reports a problem on the line of a node.
func (d *Decoder) Bad(node *yaml.Node, at *Path, format string, args ...any) {
	text := at.String()
	if d.format.Plain != nil {
		text = at.plain()
	}
	d.add(node.Line, text, format, args...)
}

// spend takes nodes from the budget and reports once when it is used up.
func (d *Decoder) spend(node *yaml.Node, at *Path, nodes int) bool {
	left := d.Budget
	d.Budget -= nodes
	switch {
	case left < 0:
		return false
	case d.Budget < 0:
		d.Bad(node, at, "is repeated too often; write out what the aliases stand for")
		return false
	}
	return true
}

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

// Struct reads a map into a struct, whatever its type has for a form of its own.
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

func (d *Decoder) unknownField(key *yaml.Node, at *Path, fields *Fields) {
	d.Bad(key, at.At(key.Value), "unknown field%s", d.Suggest(key.Value, fields.Names))
}

// null refuses a field without a value, where it does not remove one.
func (d *Decoder) null(key *yaml.Node, at *Path, f Field) {
	switch {
	case d.Partial:
	case f.Required:
		d.Bad(key, at, "has no value, and must have one")
	case d.isMap(f.Type):
		d.Bad(key, at, "has no value; write {} for an empty one, or leave it out")
	default:
		d.Bad(key, at, "has no value; write one, or leave it out")
	}
}

// isMap reports whether a type is written as a map.
func (d *Decoder) isMap(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		return d.isMap(t.Elem())
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return d.format.isFreeForm(t)
	}
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Map
}

// required reports required fields that are missing, "" or [].
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

// eachPair visits the fields of a mapping and reports keys that are there
// twice and merge keys that merge nothing.
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
			d.Bad(f.Key, at.At(f.Key.Value), "is there twice; first on line %d", fields[first].Key.Line)
			continue
		}
		visit(f)
	}
}

func (d *Decoder) merges(node *yaml.Node, at *Path) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; yamlnode.IsMerge(key) && !yamlnode.IsMergeable(node.Content[i+1]) {
			d.Bad(key, at.At("<<"), "merges a map or a list of maps, nothing else")
		}
	}
}

// duplicates maps the index of every repeated key to that of its first.
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

// slice reads a list. A list in an override replaces the whole one, so its
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

// nullEntry refuses an entry without a value, where it does not remove one.
func (d *Decoder) nullEntry(key *yaml.Node, at *Path, elem reflect.Type) {
	switch {
	case reflect.PointerTo(elem).Implements(reflect.TypeFor[Part]()):
		d.Bad(key, at, "has no value; an environment changes entries but does not remove them")
	default:
		d.null(key, at, Field{Type: elem})
	}
}
