package diff

import "github.com/kubectl-certs/kubectl-certs/pkg/manifest"

// pair has the indices of an element in the old and the new list; -1 means
// none.
type pair struct{ old, new int }

// align matches the elements of two lists as Field describes it.
func align(old, new []any) []pair {
	if len(old) == len(new) {
		return alignEnds(old, new)
	}
	if o, n, ok := keysOf(old, new); ok {
		return alignKeys(o, n)
	}
	return alignEnds(old, new)
}

// alignEnds matches the common ends, and the elements between them by position.
func alignEnds(old, new []any) []pair {
	short := min(len(old), len(new))
	head := 0
	for head < short && manifest.EqualValues(old[head], new[head]) {
		head++
	}
	tail := 0
	for tail < short-head && manifest.EqualValues(old[len(old)-1-tail], new[len(new)-1-tail]) {
		tail++
	}
	var twins []pair
	for i := range max(len(old), len(new)) - tail {
		t := pair{i, i}
		if i >= len(old)-tail {
			t.old = -1
		}
		if i >= len(new)-tail {
			t.new = -1
		}
		twins = append(twins, t)
	}
	for i := tail; i > 0; i-- {
		twins = append(twins, pair{len(old) - i, len(new) - i})
	}
	return twins
}

// alignKeys matches elements by key, in the order of the new list; what was
// removed comes last.
func alignKeys(old, new []string) []pair {
	at := make(map[string]int, len(old))
	for i, k := range old {
		at[k] = i
	}
	var twins []pair
	for j, k := range new {
		i, both := at[k]
		if !both {
			i = -1
		}
		delete(at, k)
		twins = append(twins, pair{i, j})
	}
	for i, k := range old {
		if _, left := at[k]; left {
			twins = append(twins, pair{i, -1})
		}
	}
	return twins
}

// keysOf returns keys of the elements of both lists: their values if all are
// strings, or the first of name, host and path that all have.
func keysOf(old, new []any) (o, n []string, ok bool) {
	for _, field := range []string{"", "name", "host", "path"} {
		o, okOld := keys(old, field)
		n, okNew := keys(new, field)
		if okOld && okNew {
			return o, n, true
		}
	}
	return nil, nil, false
}

// keys returns the key of each element, and false if one has none or two have
// the same.
func keys(list []any, field string) ([]string, bool) {
	found := make([]string, len(list))
	seen := make(map[string]bool, len(list))
	for i, e := range list {
		if m, isMap := e.(map[string]any); isMap && field != "" {
			e = m[field]
		} else if isMap || field != "" {
			return nil, false
		}
		s, ok := e.(string)
		if !ok || seen[s] {
			return nil, false
		}
		seen[s] = true
		found[i] = s
	}
	return found, true
}
