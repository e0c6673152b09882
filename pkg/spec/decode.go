package spec

import (
	"encoding/json"
	"reflect"

	"go.yaml.in/yaml/v3"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// decoder fills Go values from YAML nodes by their json tags and reports every
// mistake instead of the first. cert-manager's types have json tags only, and
// no YAML library reports all mistakes with their lines; hence this walk.
type decoder struct {
	problems
	partial bool // an override: required fields may be missing, and null removes
	budget  int  // nodes left to visit
}

// maxRepeats is how many nodes a short file may have visited: more than once
// each, where environments change large entries.
const maxRepeats = 500_000

// budgetFor grows with the file: a node takes a byte at least and is visited a
// few times at most, and long files may repeat more.
func budgetFor(data []byte) int { return maxRepeats + 8*len(data) }

func (d *decoder) bad(node *yaml.Node, at *path, format string, args ...any) {
	d.add(node.Line, at, format, args...)
}

// spend takes nodes from the budget and reports once when it is used up.
func (d *decoder) spend(node *yaml.Node, at *path, nodes int) bool {
	left := d.budget
	d.budget -= nodes
	switch {
	case left < 0:
		return false
	case d.budget < 0:
		d.bad(node, at, "is repeated too often; write out what the aliases stand for")
		return false
	}
	return true
}

func (d *decoder) decode(node *yaml.Node, at *path, into reflect.Value) {
	node = resolve(node)
	if !d.spend(node, at, 1) || isNull(node) {
		return
	}
	switch p := into.Addr().Interface().(type) {
	case *metav1.Duration:
		d.duration(node, at, p)
		return
	case *intstr.IntOrString:
		d.intOrString(node, at, p)
		return
	case *[]byte:
		d.bytes(node, at, p)
		return
	case *resource.Quantity:
		d.quantity(node, at, p)
		return
	case part:
		d.part(node, at, p)
		return
	case json.Unmarshaler:
		d.json(node, at, p)
		return
	}
	d.byKind(node, at, into)
}

func (d *decoder) byKind(node *yaml.Node, at *path, into reflect.Value) {
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		d.decode(node, at, fresh.Elem())
		into.Set(fresh)
	case reflect.Struct:
		d.structure(node, at, into)
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
		panic("spec: no decoding for " + into.Type().String())
	}
}

func (d *decoder) structure(node *yaml.Node, at *path, into reflect.Value) {
	if !d.want(node, at, yaml.MappingNode) {
		return
	}
	fields, given := fieldsOf(into.Type()), pairs(node)
	d.eachPair(node, given, at, func(f pair) {
		field, known := fields.byName[f.key.Value]
		if !known {
			d.unknownField(f.key, at, fields)
			return
		}
		at := at.at(f.key.Value)
		if isNull(resolve(f.value)) {
			d.null(f.key, at, field)
			return
		}
		d.decode(f.value, at, into.FieldByIndex(field.index))
	})
	if !d.partial {
		d.required(node, given, at, fields, into)
	}
}

func (d *decoder) unknownField(key *yaml.Node, at *path, fields *fields) {
	d.bad(key, at.at(key.Value), "unknown field%s", d.hint(key.Value, fields.names))
}

// null refuses a field without a value, where it does not remove one.
func (d *decoder) null(key *yaml.Node, at *path, f field) {
	switch {
	case d.partial:
	case f.required:
		d.bad(key, at, "has no value, and must have one")
	case isMap(f.typ):
		d.bad(key, at, "has no value; write {} for an empty one, or leave it out")
	default:
		d.bad(key, at, "has no value; write one, or leave it out")
	}
}

// isMap reports whether a type is written as a map.
func isMap(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		return isMap(t.Elem())
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return t == reflect.TypeFor[apiext.JSON]()
	}
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Map
}

// required reports required fields that are missing, "" or [].
func (d *decoder) required(node *yaml.Node, given []pair, at *path, fields *fields, into reflect.Value) {
	for _, name := range fields.required {
		value := valueOf(given, name)
		switch kind := into.FieldByIndex(fields.byName[name].index).Kind(); {
		case value == nil:
			d.bad(node, at.at(name), "required")
		case kind == reflect.String && value.Kind == yaml.ScalarNode && value.Value == "" && !isNull(value),
			kind == reflect.Slice && value.Kind == yaml.SequenceNode && len(value.Content) == 0:
			d.bad(value, at.at(name), "must not be empty")
		}
	}
}

// valueOf returns what a field is set to, nil if it is not there.
func valueOf(fields []pair, name string) *yaml.Node {
	for _, f := range fields {
		if f.key.Value == name {
			return resolve(f.value)
		}
	}
	return nil
}

// eachPair visits the fields of a mapping and reports keys that are there
// twice and merge keys that merge nothing.
func (d *decoder) eachPair(node *yaml.Node, fields []pair, at *path, visit func(pair)) {
	if !d.spend(node, at, len(fields)) {
		return
	}
	d.merges(node, at)
	twice := duplicates(fields)
	for i, f := range fields {
		if f.key.Kind != yaml.ScalarNode {
			d.bad(f.key, at, "a key must be plain text")
			continue
		}
		if first, again := twice[i]; again {
			d.bad(f.key, at.at(f.key.Value), "is there twice; first on line %d", fields[first].key.Line)
			continue
		}
		visit(f)
	}
}

func (d *decoder) merges(node *yaml.Node, at *path) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Tag == "!!merge" && !isMergeable(node.Content[i+1]) {
			d.bad(key, at.at("<<"), "merges a map or a list of maps, nothing else")
		}
	}
}

// duplicates maps the index of every repeated key to that of its first.
func duplicates(fields []pair) map[int]int {
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
				if fields[i].key.Value == fields[j].key.Value {
					note(i, j)
					break
				}
			}
		}
		return twice
	}
	seen := make(map[string]int, len(fields))
	for i, f := range fields {
		if first, again := seen[f.key.Value]; again {
			note(i, first)
			continue
		}
		seen[f.key.Value] = i
	}
	return twice
}

// slice reads a list. A list in an override replaces the whole one, so its
// entries are complete.
func (d *decoder) slice(node *yaml.Node, at *path, into reflect.Value) {
	if !d.want(node, at, yaml.SequenceNode) {
		return
	}
	outer := d.partial
	d.partial = false
	defer func() { d.partial = outer }()
	if !d.spend(node, at, len(node.Content)) {
		return
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		if isNull(resolve(item)) {
			d.bad(item, at.item(i), "is empty")
			continue
		}
		d.decode(item, at.item(i), list.Index(i))
	}
	into.Set(list)
}

func (d *decoder) mapping(node *yaml.Node, at *path, into reflect.Value) {
	if !d.want(node, at, yaml.MappingNode) {
		return
	}
	m, elem := reflect.MakeMap(into.Type()), into.Type().Elem()
	d.eachPair(node, pairs(node), at, func(f pair) {
		at := at.at(f.key.Value)
		if isNull(resolve(f.value)) {
			d.nullEntry(f.key, at, elem)
			return
		}
		value := reflect.New(elem).Elem()
		d.decode(f.value, at, value)
		m.SetMapIndex(reflect.ValueOf(f.key.Value).Convert(into.Type().Key()), value)
	})
	into.Set(m)
}

// nullEntry refuses an entry without a value, where it does not remove one.
func (d *decoder) nullEntry(key *yaml.Node, at *path, elem reflect.Type) {
	switch {
	case reflect.PointerTo(elem).Implements(reflect.TypeFor[part]()):
		d.bad(key, at, "has no value; an environment changes entries but does not remove them")
	default:
		d.null(key, at, field{typ: elem})
	}
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}
