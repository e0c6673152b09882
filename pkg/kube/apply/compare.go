package apply

import (
	"bytes"
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// upToDate reports whether applying an object would change nothing, as far as
// is known without a request: the live object has all desired fields, and we
// own no others, nor would after a migration. True is certain; a wrong false costs one request.
func upToDate(live, want manifest.Object) bool {
	if !covers(map[string]any(live), map[string]any(want)) {
		return false
	}
	wanted := true
	migrate(live).owned.Iterate(func(p fieldpath.Path) {
		wanted = wanted && has(map[string]any(want), p)
	})
	return wanted
}

// covers reports whether live has everything in want. Lists must have the same
// elements in the same order.
func covers(live, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		live, ok := live.(map[string]any)
		if !ok {
			return false
		}
		for key, value := range want {
			if !covers(live[key], value) {
				return false
			}
		}
		return true
	case []any:
		live, ok := live.([]any)
		if !ok || len(live) != len(want) {
			return false
		}
		for i := range want {
			if !covers(live[i], want[i]) {
				return false
			}
		}
		return true
	}
	return manifest.EqualValues(live, want)
}

// applied reports whether we have applied the object, and would take over
// nothing.
func applied(live manifest.Object) bool {
	u := unstructured.Unstructured{Object: live}
	return slices.ContainsFunc(u.GetManagedFields(), isOurs) && len(migrate(live).from) == 0
}

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
