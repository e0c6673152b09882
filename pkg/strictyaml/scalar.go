package strictyaml

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Want checks that a node is of a kind, and reports how to write that kind.
func (d *Decoder) Want(node *yaml.Node, at *Path, kind yaml.Kind) bool {
	if d.format.Plain != nil {
		return d.wantPlain(node, at, kind)
	}
	switch {
	case node.Kind == kind:
		return true
	case kind == yaml.MappingNode:
		d.Bad(node, at, "must be a map (lines of key: value), not %s", KindName(node))
	case kind == yaml.SequenceNode:
		d.Bad(node, at, "must be a list (a dash before each entry), not %s", KindName(node))
	default:
		d.Bad(node, at, "must be text, not %s", KindName(node))
	}
	return false
}

// wantPlain is Want for a plain format.
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

// KindName describes a node for a message.
func KindName(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// Text returns the text of a node that is a string in YAML. Dates count as
// text.
func (d *Decoder) Text(node *yaml.Node, at *Path) (string, bool) {
	if !d.Want(node, at, yaml.ScalarNode) {
		return "", false
	}
	if tag := node.ShortTag(); tag != "!!str" && tag != "!!timestamp" {
		if d.format.IsSecret != nil && d.format.IsSecret(at.key) {
			d.Bad(node, at, "must be text; quote it") // without the value
		} else {
			d.Bad(node, at, "must be text; quote it: %q", node.Value)
		}
		return "", false
	}
	return node.Value, true
}

func (d *Decoder) text(node *yaml.Node, at *Path, into reflect.Value) {
	value, ok := d.Text(node, at)
	if !ok {
		return
	}
	if allowed := d.format.Words[into.Type()]; allowed != nil && !slices.Contains(allowed, value) {
		d.notAllowed(node, at, value, allowed)
		return
	}
	into.SetString(value)
}

// notAllowed lists the allowed words, unless there are many and one is similar.
func (d *Decoder) notAllowed(node *yaml.Node, at *Path, value string, allowed []string) {
	meant := d.Suggest(value, allowed)
	if meant != "" && len(allowed) > 8 {
		d.Bad(node, at, "invalid value %q%s", value, meant)
		return
	}
	if word := d.format.Meant[value]; meant == "" && slices.Contains(allowed, word) {
		meant = "; did you mean " + word + "?"
	}
	d.Bad(node, at, "%q must be one of %s%s", value, strings.Join(allowed, ", "), meant)
}

func (d *Decoder) boolean(node *yaml.Node, at *Path, into reflect.Value) {
	yes := strings.EqualFold(node.Value, "true")
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" || !yes && !strings.EqualFold(node.Value, "false") {
		d.Bad(node, at, "must be true or false%s", withoutQuotes(node))
		return
	}
	into.SetBool(yes)
}

func (d *Decoder) integer(node *yaml.Node, at *Path, into reflect.Value) {
	n, ok := WholeNumber(node)
	switch {
	case !ok:
		d.Bad(node, at, "must be a whole number%s", withoutQuotes(node))
	case into.OverflowInt(n):
		d.Bad(node, at, "is too large")
	default:
		into.SetInt(n)
	}
}

func withoutQuotes(node *yaml.Node) string {
	if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return ", without quotes"
	}
	return ""
}

// WholeNumber returns the value of a whole number, false for any other node.
func WholeNumber(node *yaml.Node) (int64, bool) {
	var n int64
	ok := node.Kind == yaml.ScalarNode && node.ShortTag() == "!!int" && node.Decode(&n) == nil
	return n, ok
}
