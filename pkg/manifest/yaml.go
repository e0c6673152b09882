package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Encode returns the canonical YAML of one object: keys sorted, two spaces,
// lists not indented, LF, no document marker. Equal objects have equal text.
func Encode(o Object) []byte {
	var e emitter
	if text, ok := e.emit(o); ok {
		return text
	}
	return encodeByLibrary(o)
}

func encodeByLibrary(o Object) []byte {
	text := encodeValue(map[string]any(o))
	if bytes.IndexByte(text, '\t') >= 0 {
		text = encodeValue(quoteTabs(map[string]any(o)))
	}
	text, err := printable.YAML(text)
	if err != nil {
		panic("manifest: encode: " + err.Error()) // the library can read its own output
	}
	return text
}

func encodeValue(v any) []byte {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(v); err != nil {
		panic("manifest: encode: " + err.Error()) // only for a value that an Object cannot have
	}
	return buf.Bytes()
}

// quoteTabs returns a value with double quotes around the strings that the
// library writes as literal blocks but cannot read: those of several lines that
// begin with a tab (go.yaml.in/yaml v3.0.5).
func quoteTabs(v any) any {
	switch v := v.(type) {
	case map[string]any:
		quoted := make(map[any]any, len(v))
		for key, value := range v {
			quoted[quoteTabs(key)] = quoteTabs(value)
		}
		return quoted
	case []any:
		quoted := make([]any, len(v))
		for i, item := range v {
			quoted[i] = quoteTabs(item)
		}
		return quoted
	case string:
		if strings.HasPrefix(v, "\t") && strings.Contains(v, "\n") && utf8.ValidString(v) {
			return quotedText(v)
		}
	}
	return v
}

// quotedText is a string that the library writes in double quotes.
type quotedText string

// MarshalYAML returns a node with that style.
func (s quotedText) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: string(s)}, nil
}

// Join writes objects as one YAML stream, separated by "---" lines.
func Join(objects []Object) []byte {
	var buf bytes.Buffer
	for i, o := range objects {
		if i > 0 {
			buf.WriteString("---\n")
		}
		buf.Write(Encode(o))
	}
	return buf.Bytes()
}

// Decode reads every object of a YAML or JSON stream. It expands lists (kind
// List or …List with items) and skips empty documents. Errors have the line in
// the stream. For the input of a command use DecodeWithin.
func Decode(data []byte) ([]Object, error) { return DecodeWithin(nil, data) }

// DecodeWithin is Decode within the budget of a command.
func DecodeWithin(budget *limits.Budget, data []byte) ([]Object, error) {
	return decode(budget, data, func(o Object, line int) (bool, error) {
		switch {
		case o == nil:
			return false, fmt.Errorf("line %d: not an object", line)
		case o.text("apiVersion") == "" || o.Kind() == "" || o.Name() == "":
			return false, Incomplete(line)
		}
		return true, nil
	})
}

// Incomplete is the error for a document, at a line, that is not an object.
func Incomplete(line int) error {
	return fmt.Errorf("line %d: not a Kubernetes object: apiVersion, kind and metadata.name are needed", line)
}

// DecodeSome is Decode for files that may have other documents. It accepts
// objects with generateName. others are the lines of documents that are not
// objects.
func DecodeSome(budget *limits.Budget, data []byte) (objects []Object, others []int, err error) {
	objects, err = decode(budget, data, func(o Object, line int) (bool, error) {
		prefix, _ := o.Map("metadata")["generateName"].(string)
		if o.text("apiVersion") == "" || o.Kind() == "" || o.Name() == "" && prefix == "" {
			others = append(others, line)
			return false, nil
		}
		return true, nil
	})
	return objects, others, err
}

// quoted matches what the parser quotes in its errors, which may be a secret.
var quoted = regexp.MustCompile("'[^']{2,}'|`[^`]{2,}`|\"[^\"]{2,}\"")

// decode passes the values of a stream to take; nil means a value that is not a
// mapping.
func decode(budget *limits.Budget, data []byte, take func(o Object, line int) (bool, error)) ([]Object, error) {
	var objects []Object
	for doc, err := range budget.Documents(data) {
		if err != nil {
			return nil, readable(budget, err)
		}
		if len(doc.Content) == 0 {
			continue
		}
		root := doc.Content[0]
		value, err := Value(root)
		if err != nil {
			return nil, err
		}
		if value == nil {
			continue
		}
		m, _ := value.(map[string]any)
		found, err := open(m, root.Line, take)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// readable returns an error of the parser without its prefix and quotes.
func readable(budget *limits.Budget, err error) error {
	if _, isLimit := errors.AsType[*limits.Error](err); isLimit || budget.Err() != nil {
		return err
	}
	return errors.New(quoted.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "…"))
}

// open returns the object, or the items of a list.
func open(m map[string]any, line int, take func(o Object, line int) (bool, error)) ([]Object, error) {
	o := Object(m)
	items, isList := m["items"].([]any)
	if !isList || !strings.HasSuffix(o.Kind(), "List") {
		if wanted, err := take(o, line); err != nil || !wanted {
			return nil, err
		}
		return []Object{o}, nil
	}
	var objects []Object
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("line %d: an item of the %s is not an object", line, o.Kind())
		}
		found, err := open(m, line, take)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// Value converts a YAML node to plain values as Kubernetes reads them: integers
// as int64, dates as strings. It follows aliases, so the node must be from a
// document that limits.Budget has checked.
func Value(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.DocumentNode:
		return Value(node.Content[0])
	case yaml.AliasNode:
		return Value(node.Alias)
	case yaml.MappingNode:
		return mapping(node)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			v, err := Value(item)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	}
	return scalar(node)
}

func mapping(node *yaml.Node) (map[string]any, error) {
	m := make(map[string]any, len(node.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("line %d: a key must be a string", key.Line)
		}
		if _, twice := m[key.Value]; twice {
			return nil, fmt.Errorf("line %d: duplicate key %q", key.Line, key.Value)
		}
		v, err := Value(value)
		if err != nil {
			return nil, err
		}
		m[key.Value] = v
	}
	for _, node := range merged {
		if err := merge(m, node); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// merge applies a YAML 1.1 merge key: existing keys take precedence.
func merge(into map[string]any, node *yaml.Node) error {
	value, err := Value(node)
	if err != nil {
		return err
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("line %d: << needs a map", node.Line)
		}
		for k, v := range m {
			if _, there := into[k]; !there {
				into[k] = v
			}
		}
	}
	return nil
}

func scalar(node *yaml.Node) (any, error) {
	switch node.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		b, err := strconv.ParseBool(strings.ToLower(node.Value))
		if err != nil {
			return nil, fmt.Errorf("line %d: invalid !!bool value", node.Line)
		}
		return b, nil
	case "!!int":
		var i int64
		if err := node.Decode(&i); err == nil {
			return i, nil
		}
		return floating(node)
	case "!!float":
		return floating(node)
	case "!!binary":
		var s string
		if err := node.Decode(&s); err != nil {
			return nil, fmt.Errorf("line %d: invalid !!binary value: not base64", node.Line)
		}
		return s, nil
	}
	return node.Value, nil
}

func floating(node *yaml.Node) (any, error) {
	var f float64
	if err := node.Decode(&f); err != nil {
		return nil, fmt.Errorf("line %d: invalid number", node.Line)
	}
	if math.Trunc(f) == f && math.Abs(f) < 1<<53 {
		return int64(f), nil // JSON has one kind of number: 1.0 is 1
	}
	return f, nil
}
