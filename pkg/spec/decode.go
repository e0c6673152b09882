package spec

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// decoder fills Go values from YAML nodes by their json tags and reports every
// mistake instead of the first. cert-manager's types have json tags only, and
// no YAML library reports all mistakes with their lines; hence this walk.
type decoder struct {
	problems
	partial bool // an override: required fields may be missing
	budget  int  // nodes left to visit, against alias bombs
}

// Limits that no real file meets.
const (
	maxNodes = 20_000_000
	maxDepth = 100
)

func (d *decoder) bad(node *yaml.Node, at *path, format string, args ...any) {
	d.add(node.Line, at, format, args...)
}

func (d *decoder) decode(node *yaml.Node, at *path, into reflect.Value, depth int) {
	node = resolve(node)
	if d.budget--; d.budget < 0 || depth > maxDepth {
		if d.budget >= -1 {
			d.bad(node, at, "nested too deep or repeated too often")
		}
		return
	}
	if isNull(node) {
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
	case part:
		d.part(node, at, p)
		return
	case json.Unmarshaler:
		d.json(node, at, p)
		return
	}
	d.byKind(node, at, into, depth)
}

func (d *decoder) byKind(node *yaml.Node, at *path, into reflect.Value, depth int) {
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		d.decode(node, at, fresh.Elem(), depth)
		into.Set(fresh)
	case reflect.Struct:
		d.structure(node, at, into, depth)
	case reflect.Slice:
		d.slice(node, at, into, depth)
	case reflect.Map:
		d.mapping(node, at, into, depth)
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

func (d *decoder) structure(node *yaml.Node, at *path, into reflect.Value, depth int) {
	if !d.want(node, at, yaml.MappingNode, "a map") {
		return
	}
	fields := fieldsOf(into.Type())
	d.eachPair(node, at, func(f pair) {
		field, known := fields.byName[f.key.Value]
		if !known {
			d.bad(f.key, at.at(f.key.Value), "unknown field%s", hint(f.key.Value, fields.names))
			return
		}
		if !d.partial && isNull(resolve(f.value)) {
			d.bad(f.key, at.at(f.key.Value), "has no value; write {} for an empty one or leave the field out")
			return
		}
		d.decode(f.value, at.at(f.key.Value), into.FieldByIndex(field.index), depth+1)
	})
	if d.partial {
		return
	}
	for _, name := range fields.names {
		if f := fields.byName[name]; f.required && isEmpty(node, name, into.FieldByIndex(f.index)) {
			d.bad(node, at.at(name), "required")
		}
	}
}

// isEmpty tells whether a required field is missing, "" or [].
func isEmpty(node *yaml.Node, name string, value reflect.Value) bool {
	for _, f := range pairs(node) {
		if f.key.Value == name {
			given := resolve(f.value)
			empty := given.Kind == yaml.ScalarNode && given.Value == "" || given.Kind == yaml.SequenceNode && len(given.Content) == 0
			return empty && (value.Kind() == reflect.String || value.Kind() == reflect.Slice)
		}
	}
	return true
}

// eachPair visits the fields of a mapping and reports keys that are there twice.
func (d *decoder) eachPair(node *yaml.Node, at *path, visit func(pair)) {
	seen := map[string]int{}
	for _, f := range pairs(node) {
		if f.key.Kind != yaml.ScalarNode {
			d.bad(f.key, at, "a key must be plain text")
			continue
		}
		if line, twice := seen[f.key.Value]; twice {
			d.bad(f.key, at.at(f.key.Value), "is there twice; first on line %d", line)
			continue
		}
		seen[f.key.Value] = f.key.Line
		visit(f)
	}
}

func (d *decoder) slice(node *yaml.Node, at *path, into reflect.Value, depth int) {
	if !d.want(node, at, yaml.SequenceNode, "a list") {
		return
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		if isNull(resolve(item)) {
			d.bad(item, at.item(i), "is empty")
			continue
		}
		d.decode(item, at.item(i), list.Index(i), depth+1)
	}
	into.Set(list)
}

func (d *decoder) mapping(node *yaml.Node, at *path, into reflect.Value, depth int) {
	if !d.want(node, at, yaml.MappingNode, "a map") {
		return
	}
	m := reflect.MakeMap(into.Type())
	d.eachPair(node, at, func(f pair) {
		value := reflect.New(into.Type().Elem()).Elem()
		d.decode(f.value, at.at(f.key.Value), value, depth+1)
		m.SetMapIndex(reflect.ValueOf(f.key.Value).Convert(into.Type().Key()), value)
	})
	into.Set(m)
}

func (d *decoder) text(node *yaml.Node, at *path, into reflect.Value) {
	if !d.want(node, at, yaml.ScalarNode, "text") {
		return
	}
	if tag := node.ShortTag(); tag != "!!str" && tag != "!!timestamp" {
		d.bad(node, at, "must be text; quote it: %q", node.Value)
		return
	}
	if allowed := enums[into.Type()]; allowed != nil && !slices.Contains(allowed, node.Value) {
		d.bad(node, at, "%q is none of %s%s", node.Value, strings.Join(allowed, ", "), hint(node.Value, allowed))
		return
	}
	into.SetString(node.Value)
}

func (d *decoder) boolean(node *yaml.Node, at *path, into reflect.Value) {
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" {
		d.bad(node, at, "must be true or false")
		return
	}
	into.SetBool(strings.EqualFold(node.Value, "true"))
}

func (d *decoder) integer(node *yaml.Node, at *path, into reflect.Value) {
	var n int64
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!int" || node.Decode(&n) != nil || into.OverflowInt(n) {
		d.bad(node, at, "must be a whole number")
		return
	}
	into.SetInt(n)
}

func (d *decoder) duration(node *yaml.Node, at *path, into *metav1.Duration) {
	if !d.want(node, at, yaml.ScalarNode, "a duration such as 2160h") {
		return
	}
	parsed, err := time.ParseDuration(node.Value)
	if err != nil {
		d.bad(node, at, "%q is no duration; write hours, minutes and seconds as in %s", node.Value, hours(node.Value))
		return
	}
	into.Duration = parsed
}

// hours turns what people write for days into what cert-manager reads.
func hours(s string) string {
	if days, err := strconv.Atoi(strings.TrimSuffix(s, "d")); err == nil && days > 0 && days < 100_000 {
		return strconv.Itoa(days*24) + "h"
	}
	return "2160h"
}

func (d *decoder) intOrString(node *yaml.Node, at *path, into *intstr.IntOrString) {
	if !d.want(node, at, yaml.ScalarNode, "a number or a name") {
		return
	}
	if node.ShortTag() == "!!int" {
		n, err := strconv.ParseInt(node.Value, 10, 32)
		if err != nil {
			d.bad(node, at, "must be a whole number")
			return
		}
		*into = intstr.FromInt32(int32(n))
		return
	}
	*into = intstr.FromString(node.Value)
}

// bytes reads base64, as cert-manager has it, or PEM text as people have it.
func (d *decoder) bytes(node *yaml.Node, at *path, into *[]byte) {
	if !d.want(node, at, yaml.ScalarNode, "PEM or base64 of PEM") {
		return
	}
	if strings.Contains(node.Value, "-----BEGIN ") {
		*into = []byte(node.Value)
		return
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(node.Value), ""))
	if err != nil {
		d.bad(node, at, "is neither PEM nor base64 of PEM")
		return
	}
	*into = decoded
}

// json hands a node to a type that reads itself from JSON, such as a Quantity.
func (d *decoder) json(node *yaml.Node, at *path, into json.Unmarshaler) {
	value, err := plainValue(node, &d.budget, 0)
	if err != nil {
		d.bad(node, at, "%v", err)
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

// plainValue turns a free-form node into what encoding/json can write.
func plainValue(node *yaml.Node, budget *int, depth int) (any, error) {
	node = resolve(node)
	if *budget--; *budget < 0 || depth > maxDepth {
		return nil, fmt.Errorf("nested too deep or repeated too often")
	}
	switch node.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for _, f := range pairs(node) {
			value, err := plainValue(f.value, budget, depth+1)
			if err != nil {
				return nil, err
			}
			m[f.key.Value] = value
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			value, err := plainValue(item, budget, depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return list, nil
	}
	if node.ShortTag() == "!!timestamp" {
		return node.Value, nil
	}
	var value any
	err := node.Decode(&value)
	return value, err
}

func (d *decoder) want(node *yaml.Node, at *path, kind yaml.Kind, what string) bool {
	if node.Kind == kind {
		return true
	}
	d.bad(node, at, "must be %s", what)
	return false
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}
