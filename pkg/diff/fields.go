package diff

import (
	"maps"
	"slices"
	"strconv"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// none is a missing value, as opposed to null.
type none struct{}

// fields lists the leaves in which two masked objects differ.
func fields(old, new manifest.Object) []Field {
	var found []Field
	walk(nil, map[string]any(old), map[string]any(new), &found)
	return found
}

func walk(at *step, old, new any, found *[]Field) {
	om, oIsMap := old.(map[string]any)
	nm, nIsMap := new.(map[string]any)
	ol, oIsList := old.([]any)
	nl, nIsList := new.([]any)
	switch {
	case len(om)+len(nm) > 0 && (oIsMap || old == none{}) && (nIsMap || new == none{}):
		walkMaps(at, om, nm, found)
	case len(ol)+len(nl) > 0 && (oIsList || old == none{}) && (nIsList || new == none{}):
		walkLists(at, ol, nl, found)
	case !manifest.EqualValues(old, new):
		*found = append(*found, field(at.String(), old, new))
	}
}

func walkMaps(at *step, old, new map[string]any, found *[]Field) {
	for _, k := range unionKeys(old, new) {
		walk(&step{at, k, -1}, valueOf(old, k), valueOf(new, k), found)
	}
}

func walkLists(at *step, old, new []any, found *[]Field) {
	for _, t := range align(old, new) {
		switch {
		case t.new < 0:
			walk(&step{at, "", t.old}, old[t.old], none{}, found)
		case t.old < 0:
			walk(&step{at, "", t.new}, none{}, new[t.new], found)
		default:
			walk(&step{at, "", t.new}, old[t.old], new[t.new], found)
		}
	}
}

func field(path string, old, new any) Field {
	switch (none{}) {
	case old:
		return Field{Path: path, Action: Added, New: new}
	case new:
		return Field{Path: path, Action: Removed, Old: old}
	}
	return Field{Path: path, Action: Changed, Old: old, New: new}
}

func valueOf(m map[string]any, key string) any {
	if v, there := m[key]; there {
		return v
	}
	return none{}
}

func unionKeys(a, b map[string]any) []string {
	all := make([]string, 0, max(len(a), len(b)))
	all = slices.AppendSeq(all, maps.Keys(a))
	all = slices.AppendSeq(all, maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// step is one key or index on the way down from the root, which is nil.
type step struct {
	parent *step
	key    string
	index  int // -1 for a key
}

// String writes the path to the step.
func (s *step) String() string {
	if s == nil {
		return ""
	}
	path := s.parent.String()
	if s.index >= 0 {
		return path + "[" + strconv.Itoa(s.index) + "]"
	}
	return joinKey(path, s.key)
}

// joinKey adds a key to a path, quoted unless it is a word.
func joinKey(path, key string) string {
	switch {
	case !isWord(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

func isWord(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}
