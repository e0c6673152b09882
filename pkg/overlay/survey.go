package overlay

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Survey finds what a folder stands for, as paths: the kustomizations that
// no other of the folder refers to, components left out, and the files that are
// below none. Hidden folders and files are passed over.
func Survey(fsys fs.FS, root string) (tops, files []string, err error) {
	s := survey{fsys: fsys, folders: map[string]bool{}, referred: map[string]bool{}}
	if err := s.folder(root, false); err != nil {
		return nil, nil, err
	}
	for _, dir := range slices.Sorted(maps.Keys(s.folders)) {
		if !s.referred[dir] {
			tops = append(tops, dir)
		}
	}
	files = slices.DeleteFunc(s.files, func(file string) bool { return s.referred[file] })
	return tops, files, nil
}

type survey struct {
	fsys     fs.FS
	folders  map[string]bool // kustomizations that are no components
	referred map[string]bool // to by any of them
	files    []string
}

func (s *survey) folder(dir string, inside bool) error {
	if HasKustomization(s.fsys, dir) {
		inside = true
		s.kustomization(dir)
	}
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir(): // of links there may be loops
			if err := s.folder(name, inside); err != nil {
				return err
			}
		case !inside:
			s.files = append(s.files, name)
		}
	}
	return nil
}

// kustomization notes what a kustomization refers to. One that cannot be read
// refers to nothing; building it tells why.
func (s *survey) kustomization(dir string) {
	data, err := readKustomization(s.fsys, dir)
	if err != nil {
		s.folders[dir] = true
		return
	}
	var k struct {
		Kind                                               string
		Resources, Bases, Components, Crds, Configurations []string
		Generators, Transformers, Validators               []string
	}
	if yaml.Unmarshal(data, &k) != nil || k.Kind != "Component" {
		s.folders[dir] = true
	}
	for _, entry := range slices.Concat(k.Resources, k.Bases, k.Components, k.Crds, k.Configurations, k.Generators, k.Transformers, k.Validators) {
		s.referred[path.Join(dir, entry)] = true
	}
}
