package validation

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Input is a file to check, as written or with the changes of one environment.
type Input struct {
	File      string            // its name, for problems
	Root      *yaml.Node        // of the document, for lines
	Certs     *v1alpha1.Certs   // with its defaults filled in
	Misshapen []problem.Problem // problems of the decoder, which rules do not repeat
	Change    *Change           // of an environment; nil for the file as written
}

// Change describes what an environment changes in a valid file.
type Change struct {
	RenamesHosts bool
	Changes      func(list string, i int) bool              // whether it changes an entry
	Renamed      func(at *strictyaml.Path) *strictyaml.Path // where it renames the host at a path; nil if it does not
}

// checker holds the rules that go beyond the shape of the file.
type checker struct {
	strictyaml.Problems
	file  string
	root  *yaml.Node
	certs *v1alpha1.Certs
	// misshapen are the paths with problems of the decoder, and above are their
	// parents. Rules report nothing for either.
	misshapen, above map[string]bool
	change           *Change
}

func newChecker(in Input) *checker {
	c := &checker{file: in.File, root: in.Root, certs: in.Certs, change: in.Change, misshapen: map[string]bool{}, above: map[string]bool{}}
	for _, p := range in.Misshapen {
		c.misshapen[p.Path] = true
		for path := parentPath(p.Path); path != "" && !c.above[path]; path = parentPath(path) {
			c.above[path] = true
		}
	}
	return c
}

func (c *checker) bad(at *strictyaml.Path, format string, args ...any) {
	if c.Full() {
		return
	}
	path := at.String()
	if c.above[path] {
		return
	}
	for p := path; p != "" && len(c.misshapen) > 0; p = parentPath(p) {
		if c.misshapen[p] {
			return
		}
	}
	c.Add(c.line(at), at, format, args...)
}

// parentPath removes the last element of a path.
func parentPath(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// isChanged reports whether an entry may differ from the one in the file, which
// is valid.
func (c *checker) isChanged(list string, i int) bool {
	return c.change == nil || c.change.RenamesHosts || c.change.Changes(list, i)
}

// line returns the line of a path, or of the rename in an environment that sets
// its value.
func (c *checker) line(at *strictyaml.Path) int {
	if c.change != nil {
		if from := c.change.Renamed(at); from != nil {
			at = from
		}
	}
	return at.Line(c.root)
}

// unique reports a name that is already in seen, and else adds it. kind is what
// has the name.
func (c *checker) unique(seen map[string]*strictyaml.Path, kind, name string, at *strictyaml.Path) {
	if name == "" {
		return
	}
	if first, found := seen[name]; found {
		c.bad(at, "duplicate %s %s (first at %s:%d)", kind, name, c.file, c.line(first))
		return
	}
	seen[name] = at
}

// exactlyOne reports a missing or surplus alternative; given has one value for
// each name.
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
			null = "; set one to null"
		}
		c.bad(at, "has %s; only one is allowed%s", strings.Join(found, " and "), null)
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
