package validation

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Input is a file to check, or what it is in one environment.
type Input struct {
	Root      *yaml.Node        // of the document, for lines
	Certs     *v1alpha1.Certs   // with its defaults filled in
	Misshapen []problem.Problem // what the decoder found, which no rule repeats
	Change    *Change           // that made it, nil for the file itself
}

// Change tells what an environment changes in a file that has been found good.
type Change struct {
	RenamesHosts bool
	Touches      func(list string, i int) bool              // whether it says anything of an entry
	Renamed      func(at *strictyaml.Path) *strictyaml.Path // where it renames the host at a place, nil if it does not
}

// checker holds the rules that go beyond the shape of the file.
type checker struct {
	strictyaml.Problems
	root  *yaml.Node
	certs *v1alpha1.Certs
	// misshapen are the places of what the decoder found, and above those
	// that lie above one; rules do not pile onto either.
	misshapen, above map[string]bool
	change           *Change
}

func newChecker(in Input) *checker {
	c := &checker{root: in.Root, certs: in.Certs, change: in.Change, misshapen: map[string]bool{}, above: map[string]bool{}}
	for _, p := range in.Misshapen {
		c.misshapen[p.Path] = true
		for place := parentPlace(p.Path); place != "" && !c.above[place]; place = parentPlace(place) {
			c.above[place] = true
		}
	}
	return c
}

func (c *checker) bad(at *strictyaml.Path, format string, args ...any) {
	if c.Full() {
		return
	}
	place := at.String()
	if c.above[place] {
		return
	}
	for p := place; p != "" && len(c.misshapen) > 0; p = parentPlace(p) {
		if c.misshapen[p] {
			return
		}
	}
	c.Add(c.line(at), at, format, args...)
}

// parentPlace cuts the last step off the text of a path.
func parentPlace(place string) string { return place[:max(0, strings.LastIndexAny(place, ".["))] }

// isChanged reports whether an entry may differ from that of the file, which
// has been found good.
func (c *checker) isChanged(list string, i int) bool {
	return c.change == nil || c.change.RenamesHosts || c.change.Touches(list, i)
}

// line returns where the place is, or where an environment says what is there.
func (c *checker) line(at *strictyaml.Path) int {
	if c.change != nil {
		if from := c.change.Renamed(at); from != nil {
			at = from
		}
	}
	return at.Line(c.root)
}

// unique reports the second of two entries of a list that have one name.
func (c *checker) unique(seen map[string]int, key string, i int, at *strictyaml.Path, list string) {
	if key == "" {
		return
	}
	if first, twice := seen[key]; twice {
		c.bad(at, "%s is there twice; first in %s[%d]", key, list, first)
		return
	}
	seen[key] = i
}

// exactlyOne reports all but one of the alternatives; given says which are there.
func (c *checker) exactlyOne(at *strictyaml.Path, names []string, given ...bool) {
	var found []string
	for i, name := range names {
		if given[i] {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 0:
		c.bad(at, "needs exactly one of %s", strings.Join(names, ", "))
	case len(found) > 1:
		null := ""
		if c.change != nil {
			null = "; null removes one"
		}
		c.bad(at, "has %s; only one may be given%s", strings.Join(found, " and "), null)
	}
}

func (c *checker) atMostOne(at *strictyaml.Path, names []string, given ...bool) {
	for _, g := range given {
		if g {
			c.exactlyOne(at, names, given...)
			return
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
