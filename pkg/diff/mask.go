package diff

import "github.com/kubectl-certs/kubectl-certs/pkg/manifest"

// masked returns the parts of an object that may be shown. The object is not
// modified.
func masked(o manifest.Object) manifest.Object {
	return maskMap(o, open)
}

// maskedPair is masked for two versions of an object. Shown values differ
// exactly if the values do.
func maskedPair(old, new manifest.Object) (manifest.Object, manifest.Object) {
	return maskMaps(old, new, open)
}

func mask(v any, p valueContext) any {
	switch v := v.(type) {
	case map[string]any:
		return maskMap(v, p)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = mask(e, p)
		}
		return list
	}
	return read(v, p).show
}

func maskMap(m map[string]any, p valueContext) map[string]any {
	p = p.enter(m)
	view := make(map[string]any, len(m))
	for k, v := range m {
		view[k] = mask(v, p.key(k))
	}
	return view
}

func maskPair(old, new any, p valueContext) (any, any) {
	switch o := old.(type) {
	case map[string]any:
		if n, ok := new.(map[string]any); ok {
			return maskMaps(o, n, p)
		}
	case []any:
		if n, ok := new.([]any); ok {
			return maskLists(o, n, p)
		}
	default:
		if !isContainer(new) {
			return showPair(old, new, p)
		}
	}
	o, n := mask(old, p), mask(new, p)
	if manifest.EqualValues(o, n) { // a list that looks like the certificates of a string
		return withMark(o, "before"), withMark(n, "after")
	}
	return o, n
}

func maskMaps(old, new map[string]any, p valueContext) (map[string]any, map[string]any) {
	p = p.enter(old, new)
	o, n := make(map[string]any, len(old)), make(map[string]any, len(new))
	for k, v := range old {
		if w, both := new[k]; both {
			o[k], n[k] = maskPair(v, w, p.key(k))
		} else {
			o[k] = mask(v, p.key(k))
		}
	}
	for k, w := range new {
		if _, both := old[k]; !both {
			n[k] = mask(w, p.key(k))
		}
	}
	return o, n
}

func maskLists(old, new []any, p valueContext) ([]any, []any) {
	o, n := make([]any, len(old)), make([]any, len(new))
	for _, t := range align(old, new) {
		switch {
		case t.new < 0:
			o[t.old] = mask(old[t.old], p)
		case t.old < 0:
			n[t.new] = mask(new[t.new], p)
		default:
			o[t.old], n[t.new] = maskPair(old[t.old], new[t.new], p)
		}
	}
	return o, n
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
