package overlay

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// patched is an object of the base and the strategic merge patch that makes it
// the environment's. The kinds we write have no lists that kustomize would
// merge, so that a list in a patch replaces the whole list.
type patched struct {
	object, patch manifest.Object
}

// header starts a patch for an object.
func header(o manifest.Object) manifest.Object {
	metadata := map[string]any{"name": o.Name()}
	if o.Namespace() != "" {
		metadata["namespace"] = o.Namespace()
	}
	return manifest.Object{"apiVersion": o["apiVersion"], "kind": o["kind"], "metadata": metadata}
}

// deletion is the patch that takes an object out.
func deletion(o manifest.Object) manifest.Object {
	patch := header(o)
	patch["$patch"] = "delete"
	return patch
}

// mergePatch is the patch that makes one object the other.
func mergePatch(from, to manifest.Object) manifest.Object {
	patch := header(from)
	for key, value := range mapPatch(from, to) {
		if m, ok := value.(map[string]any); ok && key == "metadata" {
			for k, v := range m {
				patch["metadata"].(map[string]any)[k] = v
			}
			continue
		}
		patch[key] = value
	}
	return patch
}

// mapPatch holds what differs: null for what is to go, maps where only a part differs.
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

// applyPatch is what kustomize makes of an object and one of our patches.
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
		case isMap && wasMap:
			result[key] = applyPatch(before, change)
		case isMap:
			result[key] = applyPatch(map[string]any{}, change) // nulls in it mean nothing
		default:
			result[key] = value
		}
	}
	return result
}

// gather finds the patches that are the same for every object of a kind, of
// which there are several. Their name is of no matter to kustomize.
func gather(patches []patched, base []manifest.Built) (single, shared []patched) {
	type kind struct{ group, kind string }
	total, members := map[kind]int{}, map[kind][]patched{}
	var order []kind
	for _, o := range base {
		id := o.ID()
		total[kind{id.Group, id.Kind}]++
	}
	for _, p := range patches {
		id := p.object.ID()
		k := kind{id.Group, id.Kind}
		if members[k] == nil {
			order = append(order, k)
		}
		members[k] = append(members[k], p)
	}
	for _, k := range order {
		group := members[k]
		first := anonymous(group[0].patch)
		same := !slices.ContainsFunc(group, func(p patched) bool { return !manifest.Equal(anonymous(p.patch), first) })
		if len(group) > 1 && len(group) == total[k] && same && first["$patch"] == nil {
			shared = append(shared, patched{patch: first})
			continue
		}
		single = append(single, group...)
	}
	return single, shared
}

// anonymous is a patch without the name of its object.
func anonymous(patch manifest.Object) manifest.Object {
	nameless := manifest.Object{}
	for key, value := range patch {
		nameless[key] = value
	}
	metadata := map[string]any{}
	for key, value := range patch.Map("metadata") {
		metadata[key] = value
	}
	delete(metadata, "namespace")
	metadata["name"] = "all"
	nameless["metadata"] = metadata
	return nameless
}

// describe names the fields that a patch changes, for people.
func describe(patch manifest.Object) string {
	if patch["$patch"] == "delete" {
		return "left out"
	}
	var fields []string
	var visit func(m map[string]any, at string)
	visit = func(m map[string]any, at string) {
		for key, value := range m {
			if sub, ok := value.(map[string]any); ok && len(sub) > 0 {
				visit(sub, at+key+".")
				continue
			}
			fields = append(fields, at+key)
		}
	}
	visit(patch.Map("spec"), "")
	metadata := patch.Map("metadata")
	for _, key := range []string{"labels", "annotations"} {
		if metadata[key] != nil {
			fields = append(fields, key)
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, ", ")
}
