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

// Top is a kustomization to which no other refers.
type Top struct {
	Dir string
	// Needs is what the build needs besides its files: a remote resource, or
	// Helm. "" means nothing.
	Needs string
}

// Files are files to which no kustomization refers: outside of kustomizations,
// or unlisted in one.
type Files struct{ Loose, Unlisted []string }

// Survey returns the paths of the manifests in a folder: the kustomizations to
// which no other refers, without components, and the files outside of
// kustomizations. It skips hidden folders and files. Folders that cannot be
// read are in wrong; the others are still read.
func Survey(budget *limits.Budget, fsys fs.FS, root string) (tops []Top, files Files, wrong []error) {
	s := survey{budget: budget, fsys: fsys, folders: map[string]bool{}, referred: map[string]bool{}, refers: map[string][]string{}, read: map[string]bool{}, needs: map[string]string{}}
	s.folder(root, false)
	dirs := slices.Sorted(maps.Keys(s.folders))
	seen := map[string]bool{}
	for _, inCircle := range []bool{false, true} { // cycles have no top; building one of them reports the error
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
	folders  map[string]bool     // kustomizations that are not components
	referred map[string]bool     // by any of them
	refers   map[string][]string // by kustomization
	read     map[string]bool
	needs    map[string]string // of each, without those it refers to
	files    Files
	wrong    []error
}

// visit marks a kustomization and all that it refers to as seen, and returns
// what they need.
func (s *survey) visit(dir string, seen map[string]bool) string {
	if seen[dir] {
		return s.needs[dir]
	}
	seen[dir] = true
	if !s.read[dir] && HasKustomization(s.fsys, dir) { // outside the folder
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
		case e.IsDir(): // links may form loops
			s.folder(name, inside)
		case !inside:
			s.files.Loose = append(s.files.Loose, name)
		case !IsKustomization(name):
			s.files.Unlisted = append(s.files.Unlisted, name)
		}
	}
}

// kustomization records the references of a kustomization. One that cannot be
// read has none; its build reports the error.
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
		s.referred[entry.path] = true
		s.refers[dir] = append(s.refers[dir], entry.path)
	}
}
