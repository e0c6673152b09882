package strictyaml

import (
	"reflect"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Format describes a file format. The zero value reads structs, maps, lists,
// text, whole numbers and booleans.
type Format struct {
	// Words are the allowed values of a string type.
	Words map[reflect.Type][]string
	// Meant maps words that users write to the allowed words that they mean, if
	// the spelling is not similar.
	Meant map[string]string
	// IsRequired reports whether a field is required; nil means those without
	// omitempty.
	IsRequired func(parent reflect.Type, f reflect.StructField, omitEmpty bool) bool
	// Read reads a type with a special form into a pointer to it, and returns
	// false for any other type. The node may be an alias.
	Read func(d *Decoder, node *yaml.Node, at *Path, into any) bool
	// FreeForm are the types with their own JSON decoding.
	FreeForm []reflect.Type
	// IsSecret reports whether the value of a key must not be shown; nil means
	// that no value is secret.
	IsSecret func(key string) bool
	// Plain has the messages of a plain format; nil for any other.
	Plain *Plain

	fields sync.Map // reflect.Type to *Fields
}

// Plain describes files without merge keys, in which null is an ordinary value
// and lists are not empty. It has the messages for them.
type Plain struct {
	NotMap, NotList string // the latter for an empty list too
	Twice, Missing  string // of keys
	Unknown         string // a format with the known keys
}

func (f *Format) isRequired(parent reflect.Type, field reflect.StructField, omitEmpty bool) bool {
	if f.IsRequired == nil {
		return !omitEmpty
	}
	return f.IsRequired(parent, field, omitEmpty)
}

func (f *Format) isFreeForm(t reflect.Type) bool { return slices.Contains(f.FreeForm, t) }

// Decoder fills Go values from YAML nodes and collects problems.
type Decoder struct {
	Problems
	// Partial is true for an override: required fields may be missing, and null
	// removes.
	Partial bool
	// Budget is how many nodes may still be visited. Below 0 most of the file
	// is unread, which has been reported.
	Budget int

	format *Format
}

// NewDecoder returns a decoder that may visit budget nodes.
func (f *Format) NewDecoder(budget int) *Decoder { return &Decoder{format: f, Budget: budget} }

// maxRepeats is the budget of a short file. Nodes are visited repeatedly if
// environments change large entries.
const maxRepeats = 500_000

// BudgetFor returns the budget for a file. It grows with the file: a node has
// at least one byte and is visited at most a few times.
func BudgetFor(data []byte) int { return maxRepeats + 8*len(data) }

// Bad reports a problem on the line of a node.
func (d *Decoder) Bad(node *yaml.Node, at *Path, format string, args ...any) {
	text := at.String()
	if d.format.Plain != nil {
		text = at.plain()
	}
	d.add(node.Line, text, format, args...)
}

// spend takes nodes from the budget, and reports once that it is used up.
func (d *Decoder) spend(node *yaml.Node, at *Path, nodes int) bool {
	left := d.Budget
	d.Budget -= nodes
	switch {
	case left < 0:
		return false
	case d.Budget < 0:
		d.Bad(node, at, "is repeated too often; replace the aliases by their values")
		return false
	}
	return true
}
