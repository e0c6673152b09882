package printable

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// JSON returns a value as JSON, indented by two spaces, that decodes to the same
// value and has every unsafe character as an escape. The characters of HTML are
// not escaped.
func JSON(value any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	if !hasUnsafe(buf.Bytes()) {
		return buf.Bytes(), nil
	}
	// Outside strings JSON has no unsafe characters but newline and tab.
	return replaceUnsafe(buf.Bytes(), jsonEscape), nil
}

// YAML returns what go.yaml.in/yaml/v3 has encoded with every unsafe character as
// an escape. It decodes to the same values.
func YAML(data []byte) ([]byte, error) {
	if !hasUnsafe(data) {
		return data, nil
	}
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		quoteUnsafe(&doc)
		if err := enc.Encode(&doc); err != nil {
			return nil, err
		}
	}
	// Unsafe characters are now in double quotes only, where YAML has escapes.
	return replaceUnsafe(buf.Bytes(), yamlEscape), nil
}

// quoteUnsafe puts the texts that have unsafe characters in double quotes.
func quoteUnsafe(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && strings.ContainsFunc(node.Value, isEncodedUnsafe) {
		node.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range node.Content {
		quoteUnsafe(child)
	}
}

// yamlEscape is an escape of YAML 1.2.2, section 5.7.
func yamlEscape(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08X`, r)
	}
	return fmt.Sprintf(`\u%04X`, r)
}

// isEncodedUnsafe excludes the white space of encoded text.
func isEncodedUnsafe(r rune) bool { return r != '\n' && r != '\t' && IsUnsafe(r) }

func hasUnsafe(data []byte) bool { return bytes.ContainsFunc(data, isEncodedUnsafe) }

func replaceUnsafe(data []byte, escape func(rune) string) []byte {
	var out bytes.Buffer
	for _, r := range string(data) {
		if isEncodedUnsafe(r) {
			out.WriteString(escape(r))
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}
