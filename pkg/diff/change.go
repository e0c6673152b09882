package diff

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Action is the kind of change of an object or of a field.
type Action string

// The kinds of changes.
const (
	Added   Action = "added"
	Changed Action = "changed"
	Removed Action = "removed"
)

// Change is one object that differs, with all secrets masked.
type Change struct {
	ID         manifest.ID
	APIVersion string   // of the new object; of the old one if it was removed
	Action     Action   // of the object
	Overlays   []string // labels of the overlays with this change; empty without labels
	Fields     []Field  // by path; one with the path "" if the object was added or removed
	Text       string   // hunks of a unified diff, safe to print; no file header
	Adds, Dels int      // lines that Text adds and removes
}

// Field is one leaf that differs. A path reads like
// spec.rules[0].host or metadata.annotations["cert-manager.io/issuer"].
//
// Lists of the same length are compared by position. If the lengths differ,
// strings are matched by value and maps by name, host or path, so that an
// insertion is one added element, and other lists by their common ends. Indices
// are those of the new list, or of the old one for removed elements.
type Field struct {
	Path     string
	Action   Action
	Old, New any // nil if the field did not exist
}

// Counts is the number of objects that were added, changed and removed. Equal
// changes of an object in several overlays count once.
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
