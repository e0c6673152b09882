package diff

import (
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Overlay is one built overlay, file or stream. The label identifies it for the
// reader; "" if there is only one.
type Overlay struct {
	Label   string
	Objects []manifest.Object
}

// Objects compares two lists of objects, matched by ID, and returns the changes
// in the order of the IDs. It ignores the order of the list, the order of keys
// and the files of objects. A duplicate ID on one side is an error.
func Objects(old, new []manifest.Object) ([]Change, error) {
	before, err := index(old)
	if err != nil {
		return nil, fmt.Errorf("old side: %w", err)
	}
	after, err := index(new)
	if err != nil {
		return nil, fmt.Errorf("new side: %w", err)
	}
	var changes []Change
	for _, n := range new { // in list order, which is faster than map order
		id := n.ID()
		o := before[id]
		if o != nil && manifest.Equal(o, n) {
			continue
		}
		if c, differs := compare(id, o, n); differs {
			changes = append(changes, c)
		}
	}
	for _, o := range old {
		id := o.ID()
		if _, there := after[id]; !there {
			c, _ := compare(id, o, nil)
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return a.ID.Compare(b.ID) })
	return changes, nil
}

// Overlays compares the overlays of two sides, matched by label. A missing
// overlay counts as empty. Changes of several overlays with the same text are
// returned once, with their labels in the order of the new side. Masked values
// of the same length have the same text.
func Overlays(old, new []Overlay) ([]Change, error) {
	before, err := labelled(old)
	if err != nil {
		return nil, fmt.Errorf("old side: %w", err)
	}
	after, err := labelled(new)
	if err != nil {
		return nil, fmt.Errorf("new side: %w", err)
	}
	var merged []Change
	seen := map[mergeKey]int{}
	for _, label := range labels(new, old) {
		changes, err := Objects(before[label], after[label])
		if err != nil {
			return nil, inOverlay(label, err)
		}
		merged = merge(merged, changes, label, seen)
	}
	slices.SortStableFunc(merged, func(a, b Change) int { return a.ID.Compare(b.ID) })
	return merged, nil
}

// mergeKey is what changes of two overlays must have in common to be merged.
type mergeKey struct {
	id     manifest.ID
	action Action
	text   string
}

func merge(into, changes []Change, label string, seen map[mergeKey]int) []Change {
	for _, c := range changes {
		key := mergeKey{c.ID, c.Action, c.Text}
		i, there := seen[key]
		if !there {
			i = len(into)
			seen[key] = i
			into = append(into, c)
		}
		if label != "" {
			into[i].Overlays = append(into[i].Overlays, label)
		}
	}
	return into
}

// compare returns the change of one object; nil means that it does not exist.
// It returns false if there is no relevant difference.
func compare(id manifest.ID, old, new manifest.Object) (Change, bool) {
	c := Change{ID: id}
	switch {
	case old == nil:
		c.Action, c.APIVersion = Added, apiVersion(new)
		view := masked(new)
		c.Fields = []Field{{Action: Added, New: view}}
		c.Text = prefixed("+", view)
	case new == nil:
		c.Action, c.APIVersion = Removed, apiVersion(old)
		view := masked(old)
		c.Fields = []Field{{Action: Removed, Old: view}}
		c.Text = prefixed("-", view)
	default:
		c.Action, c.APIVersion = Changed, apiVersion(new)
		o, n := maskedPair(old, new)
		if manifest.Equal(o, n) {
			return Change{}, false
		}
		c.Fields = fields(o, n)
		c.Text = unified(o, n)
	}
	c.Adds, c.Dels = count(c.Text)
	return c, true
}

func apiVersion(o manifest.Object) string {
	s, _ := o["apiVersion"].(string)
	return s
}

func index(objects []manifest.Object) (map[manifest.ID]manifest.Object, error) {
	byID := make(map[manifest.ID]manifest.Object, len(objects))
	for _, o := range objects {
		id := o.ID()
		if _, twice := byID[id]; twice {
			return nil, fmt.Errorf("duplicate %s", printable.Line(id.String()))
		}
		byID[id] = o
	}
	return byID, nil
}

func labelled(overlays []Overlay) (map[string][]manifest.Object, error) {
	byLabel := make(map[string][]manifest.Object, len(overlays))
	for _, o := range overlays {
		if _, twice := byLabel[o.Label]; twice {
			return nil, fmt.Errorf("duplicate overlay %q", o.Label)
		}
		byLabel[o.Label] = o.Objects
	}
	return byLabel, nil
}

// labels returns every label once, in order of appearance.
func labels(sides ...[]Overlay) []string {
	var all []string
	seen := map[string]bool{}
	for _, side := range sides {
		for _, o := range side {
			if !seen[o.Label] {
				seen[o.Label] = true
				all = append(all, o.Label)
			}
		}
	}
	return all
}

func inOverlay(label string, err error) error {
	if label == "" {
		return err
	}
	return fmt.Errorf("%s: %w", printable.Line(label), err)
}
