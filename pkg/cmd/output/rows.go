package output

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/client-go/util/jsonpath"
)

// NoHeaders reports whether tables have no line of headers.
func (f *Flags) NoHeaders() bool { return f.noHeaders }

// validateRows refuses flags for rows that do not parse.
func (f *Flags) validateRows() error {
	if f.sortBy == "" {
		return nil
	}
	_, err := f.sortPath()
	return err
}

func (f *Flags) sortPath() (*jsonpath.JSONPath, error) {
	path := jsonpath.New("sort-by").AllowMissingKeys(true)
	if err := path.Parse(expression(f.sortBy)); err != nil {
		return nil, fmt.Errorf("--sort-by %q: %w", f.sortBy, err)
	}
	return path, nil
}

// SortRows sorts rows by the value that --sort-by names in their JSON form: numbers
// by size, and all else as text. Rows without the value come first. Without the
// flag the order stays.
func SortRows[T any](f *Flags, rows []T) error {
	if f.sortBy == "" || len(rows) == 0 {
		return nil
	}
	path, err := f.sortPath()
	if err != nil {
		return err
	}
	type keyed struct {
		row T
		key sortKey
	}
	keys, found := make([]keyed, len(rows)), false
	for i, row := range rows {
		fields, err := fieldsOf(row)
		if err != nil {
			return err
		}
		keys[i].row = row
		if keys[i].key, err = keyAt(path, fields); err != nil {
			return fmt.Errorf("--sort-by %q: %w", f.sortBy, err)
		}
		found = found || keys[i].key.given
	}
	if !found {
		return fmt.Errorf("--sort-by %q: no item has this field; -o json shows the fields", f.sortBy)
	}
	slices.SortStableFunc(keys, func(a, b keyed) int { return a.key.compare(b.key) })
	for i := range keys {
		rows[i] = keys[i].row
	}
	return nil
}

type sortKey struct {
	given  bool
	number float64 // 0 for text
	text   string  // "" for numbers
}

func keyAt(path *jsonpath.JSONPath, fields map[string]any) (sortKey, error) {
	results, err := path.FindResults(fields)
	if err != nil || len(results) == 0 || len(results[0]) == 0 {
		return sortKey{}, err
	}
	switch value := results[0][0].Interface().(type) {
	case int64:
		return sortKey{given: true, number: float64(value)}, nil
	case float64:
		return sortKey{given: true, number: value}, nil
	default:
		return sortKey{given: true, text: fmt.Sprint(value)}, nil
	}
}

func (k sortKey) compare(other sortKey) int {
	given := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(given[k.given], given[other.given]), cmp.Compare(k.number, other.number), cmp.Compare(k.text, other.text))
}
