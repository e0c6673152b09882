package cabundle

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// ReadObject returns the certificates in one Kubernetes object, as they are in
// a manifest: places have only a field, such as data.ca.crt. An object without
// any has an empty bundle. Locked are the places of key stores that none of the
// passwords opens.
func ReadObject(object map[string]any, passwords ...string) (b Bundle, locked []finding.Position, err error) {
	if size(object) > maxText {
		return Bundle{}, nil, fmt.Errorf("more text than any object can have, over %s", bytesText(maxText))
	}
	var n yaml.Node
	if err := n.Encode(object); err != nil {
		return Bundle{}, nil, fmt.Errorf("no plain values: %w", err)
	}
	unplaced(&n)
	r := &reader{passwords: passwords, in: &Bundle{}, locked: &locked, rounds: new(int64)}
	r.where = func(_ int, field string) finding.Position { return finding.Position{Field: field} }
	if err := r.object(&n); err != nil && !errors.Is(err, ErrForeign) {
		return Bundle{}, nil, err
	}
	return *r.in, locked, nil
}

// maxText is more than the API server takes by far, and what aliases in YAML
// pass easily.
const maxText = 16 * MaxObject

// size counts the bytes of all texts.
func size(v any) int {
	n := 0
	switch v := v.(type) {
	case string:
		n = len(v)
	case map[string]any:
		for _, inner := range v {
			n += size(inner)
		}
	case []any:
		for _, inner := range v {
			n += size(inner)
		}
	}
	return n
}

// unplaced takes the style from texts, by which their lines would be counted
// as those of a file.
func unplaced(n *yaml.Node) {
	n.Style = 0
	for _, inner := range n.Content {
		unplaced(inner)
	}
}
