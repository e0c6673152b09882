package strictyaml

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Part holds some of the fields of another type, which is read later. The fields
// that are given are checked.
type Part interface {
	Whole() reflect.Type
	Keep(node *yaml.Node)
}

// part checks the fields that are given and keeps the node.
func (d *Decoder) part(node *yaml.Node, at *Path, into Part) {
	outer := d.Partial
	d.Partial = true
	defer func() { d.Partial = outer }()
	d.Decode(node, at, reflect.New(into.Whole()).Elem())
	into.Keep(node)
}
