package overlay

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Top is a kustomization that no other refers to.
type Top struct {
	Dir string
	// Needs is what building it takes besides its files: what is at a URL, or
	// Helm. "" for nothing.
	Needs string
}

// Survey finds what a folder stands for, as paths: the kustomizations that
// no other of the folder refers to, components left out, and the files that are
// below none. Hidden folders and files are passed over.
// Folders that cannot be read are in wrong, and keep nobody from the others.
func Survey(fsys fs.FS, root string) (tops []Top, files []string, wrong []error) {
	s := survey{fsys: fsys, folders: map[string]bool{}, referred: map[string]bool{}, refers: map[string][]string{}, read: map[string]bool{}, needs: map[string]string{}}
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
	files = slices.DeleteFunc(s.files, func(file string) bool { return s.referred[file] })
	return tops, files, s.wrong
}

type survey struct {
	fsys     fs.FS
	folders  map[string]bool     // kustomizations that are no components
	referred map[string]bool     // to by any of them
	refers   map[string][]string // to what each does
	read     map[string]bool
	needs    map[string]string // as each says itself
	files    []string
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
			s.files = append(s.files, name)
		}
	}
}

// kustomization notes what a kustomization refers to. One that cannot be read
// refers to nothing; building it tells why.
func (s *survey) kustomization(dir string) {
	s.read[dir] = true
	data, err := readKustomization(s.fsys, dir)
	if err != nil {
		s.folders[dir] = true
		return
	}
	var k struct {
		Kind                                               string
		Resources, Bases, Components, Crds, Configurations []string
		Generators, Transformers, Validators               []string
		HelmCharts                                         []any                      `yaml:"helmCharts"`
		Inflated                                           []any                      `yaml:"helmChartInflationGenerator"`
		ConfigMaps                                         []struct{ Files []string } `yaml:"configMapGenerator"`
		Patches                                            []struct{ Path string }
		Secrets                                            []struct{ Files []string } `yaml:"secretGenerator"`
	}
	if yaml.Unmarshal(data, &k) != nil || k.Kind != "Component" {
		s.folders[dir] = true
	}
	if len(k.HelmCharts)+len(k.Inflated) > 0 {
		s.needs[dir] = "Helm"
	}
	for _, g := range slices.Concat(k.ConfigMaps, k.Secrets) {
		for _, file := range g.Files {
			if _, url, _ := strings.Cut(file, "="); isRemote(file) || isRemote(url) {
				s.needs[dir] = cmp.Or(url, file)
			}
		}
	}
	for _, patch := range k.Patches {
		if isRemote(patch.Path) {
			s.needs[dir] = patch.Path
		}
	}
	for _, entry := range slices.Concat(k.Resources, k.Bases, k.Components, k.Crds, k.Configurations, k.Generators, k.Transformers, k.Validators) {
		if isRemote(entry) {
			s.needs[dir] = entry
			continue
		}
		s.referred[path.Join(dir, entry)] = true
		s.refers[dir] = append(s.refers[dir], path.Join(dir, entry))
	}
}

// isRemote reports whether an entry of a kustomization names something that is
// fetched.
func isRemote(entry string) bool {
	host, _, found := strings.Cut(entry, "/")
	return strings.Contains(entry, "://") || strings.Contains(host, "@") && strings.Contains(entry, ":") || strings.Contains(entry, "?ref=") ||
		found && slices.Contains([]string{"github.com", "gitlab.com", "bitbucket.org"}, host)
}
