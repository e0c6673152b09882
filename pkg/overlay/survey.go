package overlay

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"regexp"
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

// Files are those that no kustomization refers to: below none, or beside one.
type Files struct{ Loose, Unlisted []string }

// Survey finds what a folder stands for, as paths: the kustomizations that
// no other of the folder refers to, components left out, and the files that are
// below none. Hidden folders and files are passed over.
// Folders that cannot be read are in wrong, and keep nobody from the others.
func Survey(fsys fs.FS, root string) (tops []Top, files Files, wrong []error) {
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
	isReferred := func(file string) bool { return s.referred[file] }
	files = Files{Loose: slices.DeleteFunc(s.files.Loose, isReferred), Unlisted: slices.DeleteFunc(s.files.Unlisted, isReferred)}
	return tops, files, s.wrong
}

type survey struct {
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
	data, err := readKustomization(s.fsys, dir)
	var k map[string]any
	if err != nil || yaml.Unmarshal(data, &k) != nil {
		s.folders[dir] = true
		return
	}
	if k["kind"] != "Component" {
		s.folders[dir] = true
	}
	for _, field := range []string{"helmCharts", "helmChartInflationGenerator"} {
		if charts, _ := k[field].([]any); len(charts) > 0 {
			s.needs[dir] = "Helm"
		}
	}
	s.values(dir, k, "", 0)
}

// fetched are the fields of kustomizations, and of their generators and
// transformers, that kustomize loads what they name of. Those that are true name
// files of more such fields.
var fetched = map[string]bool{
	"resources": false, "bases": false, "components": false, "crds": false, "configurations": false, "path": false,
	"patchesStrategicMerge": false, "files": false, "envs": false, "env": false,
	"generators": true, "transformers": true, "validators": true,
}

// values looks through what a kustomization says for what it refers to.
func (s *survey) values(dir string, v any, field string, depth int) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			s.values(dir, inner, key, depth)
		}
	case []any:
		for _, inner := range v {
			s.values(dir, inner, field, depth)
		}
	case string:
		if more, isFetched := fetched[field]; isFetched {
			s.entry(dir, v, more && depth < 3, depth)
		}
	}
}

// entry notes one thing that a kustomization refers to; more says that it may
// refer to others. Inline YAML is looked through, and is none itself.
func (s *survey) entry(dir, text string, more bool, depth int) {
	if strings.Contains(text, "\n") {
		var inline any
		if yaml.Unmarshal([]byte(text), &inline) == nil {
			s.values(dir, inline, "", depth+1)
		}
		return
	}
	if name, file, named := strings.Cut(text, "="); named && !strings.ContainsAny(name, "/:?") {
		text = file
	}
	place := path.Join(dir, text)
	if s.isRemote(place, text) {
		s.needs[dir] = cmp.Or(s.needs[dir], userinfo.ReplaceAllString(text, "//…@"))
		return
	}
	s.referred[place] = true
	s.refers[dir] = append(s.refers[dir], place)
	if data, err := fs.ReadFile(s.fsys, place); more && err == nil {
		s.entry(dir, string(data)+"\n", true, depth+1)
	}
}

// userinfo is what a URL may have of a password.
var userinfo = regexp.MustCompile(`//[^/@]*@`)

// isRemote reports whether an entry of a kustomization names something that is
// fetched, by HTTP or git.
func (s *survey) isRemote(place, entry string) bool {
	if strings.Contains(entry, "://") {
		return true
	}
	if _, err := fs.Stat(s.fsys, place); err == nil {
		return false
	}
	host, _, _ := strings.Cut(strings.ToLower(entry), "/")
	return strings.ContainsAny(entry, ":@?") || slices.Contains([]string{"github.com", "gitlab.com", "bitbucket.org"}, host)
}
