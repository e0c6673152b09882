package overlay

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// The patches are strategic merge patches. In generated kinds kustomize merges
// no lists, so a list in a patch replaces the whole list. The exception is
// Service: its patches replace the spec. Each patch names its object: a patch
// for all objects of a kind would also apply to objects that the user adds to
// the overlay.

// header starts a patch for an object.
func header(o manifest.Object) manifest.Object {
	metadata := map[string]any{"name": o.Name()}
	if o.Namespace() != "" {
		metadata["namespace"] = o.Namespace()
	}
	return manifest.Object{"apiVersion": o["apiVersion"], "kind": o["kind"], "metadata": metadata}
}

// deletion is the patch that removes an object.
func deletion(o manifest.Object) manifest.Object {
	patch := header(o)
	patch["$patch"] = "delete"
	return patch
}

// mergePatch is the patch that changes from into to.
func mergePatch(from, to manifest.Object) manifest.Object {
	patch := header(from)
	for key, value := range mapPatch(from, to) {
		if m, ok := value.(map[string]any); ok && key == "metadata" {
			for k, v := range m {
				patch["metadata"].(map[string]any)[k] = v
			}
			continue
		}
		if key == "spec" && from.Kind() == "Service" {
			spec := maps.Clone(to.Map("spec"))
			spec["$patch"] = "replace"
			value = spec
		}
		patch[key] = value
	}
	return patch
}

// mapPatch returns the differences: null for a removed field, and maps for
// partial changes.
func mapPatch(from, to map[string]any) map[string]any {
	patch := map[string]any{}
	for key := range from {
		if _, stays := to[key]; !stays {
			patch[key] = nil
		}
	}
	for key, wanted := range to {
		had, there := from[key]
		if there && manifest.EqualValues(had, wanted) {
			continue
		}
		before, isMap := had.(map[string]any)
		after, staysMap := wanted.(map[string]any)
		if isMap && staysMap {
			patch[key] = mapPatch(before, after)
			continue
		}
		patch[key] = wanted
	}
	return patch
}

// applyPatch applies one of our patches to an object as kustomize does.
func applyPatch(o, patch map[string]any) map[string]any {
	result := make(map[string]any, len(o))
	for key, value := range o {
		result[key] = value
	}
	for key, value := range patch {
		change, isMap := value.(map[string]any)
		before, wasMap := result[key].(map[string]any)
		switch {
		case value == nil:
			delete(result, key)
		case isMap && change["$patch"] == "replace":
			result[key] = maps.Clone(change)
			delete(result[key].(map[string]any), "$patch")
		case isMap && wasMap:
			result[key] = applyPatch(before, change)
		case isMap:
			result[key] = applyPatch(map[string]any{}, change) // nulls in it have no effect
		default:
			result[key] = value
		}
	}
	return result
}

// describe returns the fields that a patch changes, for messages.
func describe(patch manifest.Object) string {
	if patch["$patch"] == "delete" {
		return "removed"
	}
	var fields []string
	var visit func(m map[string]any, at string)
	visit = func(m map[string]any, at string) {
		for key, value := range m {
			if key == "$patch" {
				continue
			}
			if sub, ok := value.(map[string]any); ok && len(sub) > 0 {
				visit(sub, at+key+".")
				continue
			}
			fields = append(fields, at+key)
		}
	}
	visit(patch.Map("spec"), "")
	visit(patch.Map("data"), "data.")
	metadata := patch.Map("metadata")
	for _, key := range []string{"labels", "annotations"} {
		if metadata[key] != nil {
			fields = append(fields, key)
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, ", ")
}
