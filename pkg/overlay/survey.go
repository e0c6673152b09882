package overlay

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Top is a kustomization that no other refers to.
type Top struct {
	Dir string
	// Needs is what building it takes besides its files: what is at a URL, or
	// Helm. "" for nothing.
	Needs string
}

// Files are those that no kustomization refers to: below none, or beside one.
type Files struct{ Loose, Unlisted []string }

// Survey finds what a folder stands for, as paths: the kustomizations that
// no other of the folder refers to, components left out, and the files that are
// below none. Hidden folders and files are passed over.
// Folders that cannot be read are in wrong, and keep nobody from the others.
func Survey(budget *limits.Budget, fsys fs.FS, root string) (tops []Top, files Files, wrong []error) {
	s := survey{budget: budget, fsys: fsys, folders: map[string]bool{}, referred: map[string]bool{}, refers: map[string][]string{}, read: map[string]bool{}, needs: map[string]string{}}
	s.folder(root, false)
	dirs := slices.Sorted(maps.Keys(s.folders))
	seen := map[string]bool{}
	for _, inCircle := range []bool{false, true} { // of those that refer to each other nothing is above; building one tells
		for _, dir := range dirs {
			if !seen[dir] && (inCircle || !s.referred[dir]) {
				tops = append(tops, Top{dir, s.visit(dir, seen)})
			}
		}
	}
	isReferred := func(file string) bool { return s.referred[file] }
	files = Files{Loose: slices.DeleteFunc(s.files.Loose, isReferred), Unlisted: slices.DeleteFunc(s.files.Unlisted, isReferred)}
	return tops, files, s.wrong
}

type survey struct {
	budget   *limits.Budget
	fsys     fs.FS
	folders  map[string]bool     // kustomizations that are no components
	referred map[string]bool     // to by any of them
	refers   map[string][]string // to what each does
	read     map[string]bool
	needs    map[string]string // as each says itself
	files    Files
	wrong    []error
}

// visit marks a kustomization and all that it refers to as seen, and returns
// what any of these needs.
func (s *survey) visit(dir string, seen map[string]bool) string {
	if seen[dir] {
		return s.needs[dir]
	}
	seen[dir] = true
	if !s.read[dir] && HasKustomization(s.fsys, dir) { // outside of the folder
		s.kustomization(dir)
	}
	for _, other := range s.refers[dir] {
		s.needs[dir] = cmp.Or(s.needs[dir], s.visit(other, seen))
	}
	return s.needs[dir]
}

func (s *survey) folder(dir string, inside bool) {
	if HasKustomization(s.fsys, dir) {
		inside = true
		s.kustomization(dir)
	}
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil {
		s.wrong = append(s.wrong, err)
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir(): // of links there may be loops
			s.folder(name, inside)
		case !inside:
			s.files.Loose = append(s.files.Loose, name)
		case !IsKustomization(name):
			s.files.Unlisted = append(s.files.Unlisted, name)
		}
	}
}

// kustomization notes what a kustomization refers to. One that cannot be read
// refers to nothing; building it tells why.
func (s *survey) kustomization(dir string) {
	s.read[dir] = true
	l, err := list(s.budget, s.fsys, dir)
	if err != nil || !l.isComponent {
		s.folders[dir] = true
	}
	for _, remote := range l.remote {
		s.needs[dir] = cmp.Or(s.needs[dir], remote.Needs())
	}
	for _, entry := range l.local {
		s.referred[entry.place] = true
		s.refers[dir] = append(s.refers[dir], entry.place)
	}
}
