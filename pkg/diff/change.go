package diff

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Action is what became of an object or of a field.
type Action string

// The three things that can happen.
const (
	Added   Action = "added"
	Changed Action = "changed"
	Removed Action = "removed"
)

// Change is one object that differs, with every secret masked.
type Change struct {
	ID         manifest.ID
	APIVersion string   // of the new object; of the old one if it was removed
	Action     Action   // what became of the object
	Overlays   []string // labels of the overlays that it happened in; empty without labels
	Fields     []Field  // by path; one with the path "" if the whole object came or went
	Text       string   // hunks of a unified diff, safe to print; no file header
	Adds, Dels int      // lines that Text adds and removes
}

// Field is one leaf that differs. A path reads like
// spec.rules[0].host or metadata.annotations["cert-manager.io/issuer"].
//
// Lists of one length are compared by position. Where the lengths differ,
// strings are matched by value and maps by name, host or path, so that an
// insertion is one element added; lists of anything else by their common ends.
// An index counts in the new list, or in the old one for what was removed.
type Field struct {
	Path     string
	Action   Action
	Old, New any // nil where the field was not there
}

// Counts says how many objects were added, changed and removed. An object that
// several overlays change in one way counts once, in two ways twice.
type Counts struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
}

// Count counts the changes by action.
func Count(changes []Change) Counts {
	var n Counts
	for _, c := range changes {
		switch c.Action {
		case Added:
			n.Added++
		case Changed:
			n.Changed++
		case Removed:
			n.Removed++
		}
	}
	return n
}

// String returns a sentence without its full stop, such as
// "3 objects differ: 1 added, 2 changed".
func (n Counts) String() string {
	var parts []string
	for _, p := range []struct {
		n      int
		action Action
	}{{n.Added, Added}, {n.Changed, Changed}, {n.Removed, Removed}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.action))
		}
	}
	switch total := n.Added + n.Changed + n.Removed; total {
	case 0:
		return "no objects differ"
	case 1:
		return "1 object differs: " + parts[0]
	default:
		return fmt.Sprintf("%d objects differ: %s", total, strings.Join(parts, ", "))
	}
}
