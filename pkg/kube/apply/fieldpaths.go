package apply

import (
	"bytes"
	"encoding/json"
	"slices"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

// has reports whether a value has the path of a managed field.
func has(v any, p fieldpath.Path) bool {
	if len(p) == 0 {
		return true
	}
	switch step := p[0]; {
	case step.FieldName != nil:
		m, ok := v.(map[string]any)
		sub, there := m[*step.FieldName]
		return ok && there && has(sub, p[1:])
	case step.Key != nil:
		return hasItem(v, p[1:], func(item any) bool { return matchesKey(item, *step.Key) })
	case step.Value != nil:
		return hasItem(v, p[1:], func(item any) bool { return equalsValue(item, *step.Value) })
	case step.Index != nil:
		list, ok := v.([]any)
		return ok && *step.Index >= 0 && *step.Index < len(list) && has(list[*step.Index], p[1:])
	}
	return false
}

func hasItem(v any, rest fieldpath.Path, matches func(any) bool) bool {
	list, _ := v.([]any)
	for _, item := range list {
		if matches(item) {
			return has(item, rest)
		}
	}
	return false
}

func matchesKey(item any, key value.FieldList) bool {
	m, ok := item.(map[string]any)
	for _, field := range key {
		// A key field that is left out has its default on the server.
		if own, there := m[field.Name]; there && !equalsValue(own, field.Value) {
			return false
		}
	}
	return ok
}

func equalsValue(own any, v value.Value) bool {
	a, errA := json.Marshal(own)
	b, errB := json.Marshal(v.Unstructured())
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// removeStep removes a field or an item.
func removeStep(v any, step fieldpath.PathElement) any {
	if m, ok := v.(map[string]any); ok {
		if step.FieldName != nil {
			delete(m, *step.FieldName)
		}
		return v
	}
	list, ok := v.([]any)
	if i := indexOf(list, step); ok && i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return v
}

// changeStep replaces a field or an item.
func changeStep(v any, step fieldpath.PathElement, change func(any) any) any {
	switch v := v.(type) {
	case map[string]any:
		if step.FieldName != nil {
			if item, there := v[*step.FieldName]; there {
				v[*step.FieldName] = change(item)
			}
		}
	case []any:
		if i := indexOf(v, step); i >= 0 {
			v[i] = change(v[i])
		}
	}
	return v
}

// indexOf is the index of the item that a step of a path selects, -1 for none.
func indexOf(list []any, step fieldpath.PathElement) int {
	switch {
	case step.Key != nil:
		return slices.IndexFunc(list, func(item any) bool { return matchesKey(item, *step.Key) })
	case step.Value != nil:
		return slices.IndexFunc(list, func(item any) bool { return equalsValue(item, *step.Value) })
	case step.Index != nil && *step.Index >= 0 && *step.Index < len(list):
		return *step.Index
	}
	return -1
}
