package trust

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// ReadObject returns the certificates in one Kubernetes object, as they are in
// a manifest: places have only a field, such as data.ca.crt. An object without
// any has an empty bundle. The error is ErrPassword where a key store is shut.
func ReadObject(object map[string]any, passwords ...string) (Bundle, error) {
	var n yaml.Node
	if err := n.Encode(object); err != nil {
		return Bundle{}, fmt.Errorf("no plain values: %w", err)
	}
	unplaced(&n)
	r := &reader{passwords: passwords, in: &Bundle{}}
	r.where = func(_ int, field string) Place { return Place{Field: field} }
	if err := r.object(&n); err != nil && !errors.Is(err, ErrForeign) {
		return Bundle{}, err
	}
	return *r.in, nil
}

// unplaced takes the style from texts, by which their lines would be counted
// as those of a file.
func unplaced(n *yaml.Node) {
	n.Style = 0
	for _, inner := range n.Content {
		unplaced(inner)
	}
}
