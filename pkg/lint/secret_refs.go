package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// secretRef is a place that names a Secret.
type secretRef struct{ field, name string }

// secretRefs finds where cert-manager's types name Secrets: by a field
// secretName, or in an object whose field ends in SecretRef or credentialsRef.
func secretRefs(v any, field string) []secretRef {
	var found []secretRef
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner := field + "." + key
			ref, _ := v[key].(map[string]any)
			name, named := ref["name"].(string)
			switch {
			case named && (strings.HasSuffix(strings.ToLower(key), "secretref") || key == "credentialsRef"):
				found = append(found, secretRef{inner, name})
			case key == "secretName":
				if name, ok := v[key].(string); ok {
					found = append(found, secretRef{inner, name})
				}
			default:
				found = append(found, secretRefs(v[key], inner)...)
			}
		}
	case []any:
		for i, item := range v {
			found = append(found, secretRefs(item, fmt.Sprintf("%s[%d]", field, i))...)
		}
	}
	return found
}
