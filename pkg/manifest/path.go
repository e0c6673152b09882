package manifest

import "slices"

// TextsAt returns the strings at a path of keys. It searches lists on the way.
func TextsAt(v any, path []string) []string {
	switch v := v.(type) {
	case map[string]any:
		if len(path) > 0 {
			return TextsAt(v[path[0]], path[1:])
		}
	case []any:
		var found []string
		for _, item := range v {
			found = append(found, TextsAt(item, path)...)
		}
		return found
	case string:
		if len(path) == 0 {
			return []string{v}
		}
	}
	return nil
}

// Has reports whether a value has a path of keys. It searches lists on the way.
func Has(v any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		sub, there := v[path[0]]
		return there && Has(sub, path[1:])
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return Has(item, path) })
	}
	return false
}
