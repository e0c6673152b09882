package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Builder builds kustomizations to objects. What kustomize does to the trees
// that we write, adding files and laying patches over objects, it does itself,
// in time linear to their number where kustomize's is quadratic. As soon as a
// kustomization says anything else, kustomize builds it. Files of equal content
// are parsed once for all builds. The zero value is ready to use; a Builder is
// for one goroutine.
type Builder struct {
	parsed map[string][]manifest.Object
}

// Know tells the builder what is in a file, to save parsing it.
func (b *Builder) Know(data []byte, objects []manifest.Object) {
	if b.parsed == nil {
		b.parsed = map[string][]manifest.Object{}
	}
	b.parsed[string(data)] = objects
}

// Build returns the objects of the kustomization in a folder. They are shared
// between builds and must not be changed.
func (b *Builder) Build(fsys fs.FS, dir string) ([]manifest.Object, error) {
	objects, err := b.simple(noLinks{fsys}, dir, 0)
	if errors.Is(err, errNotSimple) {
		return kustomize(fsys, dir)
	}
	return objects, err
}

// Objects parses a file that is not a kustomization, named for errors.
func (b *Builder) Objects(name string, data []byte) ([]manifest.Object, error) {
	if objects, known := b.parsed[string(data)]; known {
		return objects, nil
	}
	objects, err := manifest.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b.Know(data, objects)
	return objects, nil
}

// errNotSimple means that kustomize has to build, or to say what is wrong.
var errNotSimple = errors.New("not a simple kustomization")

// simple builds a kustomization of resources and merge patches.
func (b *Builder) simple(fsys fs.FS, dir string, depth int) ([]manifest.Object, error) {
	k, err := readSimple(fsys, dir)
	if err != nil || depth > 10 {
		return nil, errNotSimple
	}
	var objects []manifest.Object
	for _, entry := range k.resources {
		found, err := b.resource(fsys, dir, entry, depth)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	index := make(map[manifest.ID]int, len(objects))
	for i, o := range objects {
		id := o.ID()
		if _, twice := index[id]; twice || hasConfigAnnotation(o) {
			return nil, errNotSimple
		}
		index[id] = i
	}
	for _, patch := range k.patches {
		if err := b.patch(fsys, path.Join(dir, patch), objects, index); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(objects, func(o manifest.Object) bool { return o == nil }), nil
}

func (b *Builder) resource(fsys fs.FS, dir, entry string, depth int) ([]manifest.Object, error) {
	name := path.Join(dir, entry)
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil || path.IsAbs(entry) || isRemote(fsys, name, entry, true):
		return nil, errNotSimple
	case info.IsDir():
		return b.simple(fsys, name, depth+1)
	case !strings.HasPrefix(name, dir+"/") && dir != ".":
		return nil, errNotSimple // kustomize does not load files from outside
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return b.Objects(name, data)
}

// hasConfigAnnotation reports annotations by which kustomize would drop or change an object.
func hasConfigAnnotation(o manifest.Object) bool {
	for key := range o.Map("metadata", "annotations") {
		if strings.HasPrefix(key, "config.kubernetes.io/") || strings.HasPrefix(key, "internal.config.kubernetes.io/") || strings.HasPrefix(key, "kustomize.config.k8s.io/") {
			return true
		}
	}
	return false
}

// patch lays the patches of one file over the objects; removed ones become nil.
func (b *Builder) patch(fsys fs.FS, file string, objects []manifest.Object, index map[manifest.ID]int) error {
	data, err := fs.ReadFile(fsys, file)
	if err != nil || OriginOf(data) != Ours {
		return errNotSimple
	}
	patches, err := b.Objects(file, data)
	if err != nil {
		return err
	}
	for _, patch := range patches {
		i, there := index[patch.ID()]
		switch {
		case !there || objects[i] == nil:
			return errNotSimple
		case patch["$patch"] == "delete":
			objects[i] = nil
		default:
			objects[i] = applyPatch(objects[i], patch)
		}
	}
	return nil
}

// simpleKustomization is the part of a kustomization that we build ourselves.
type simpleKustomization struct {
	resources []string
	patches   []string
}

func readSimple(fsys fs.FS, dir string) (simpleKustomization, error) {
	var k simpleKustomization
	data, err := readKustomization(fsys, dir)
	if err != nil {
		return k, err
	}
	root, err := parseMapping(data)
	if err != nil {
		return k, err
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		switch {
		case key == "apiVersion" || key == "kind" && value.Value == "Kustomization":
		case value.Kind != yaml.SequenceNode:
			return k, errNotSimple
		case key == "resources":
			for _, entry := range value.Content {
				k.resources = append(k.resources, entry.Value)
			}
		case key == "configurations":
			if !allNameReferences(fsys, dir, value.Content) {
				return k, errNotSimple
			}
		case key == "patches":
			for _, entry := range value.Content {
				if entry.Kind != yaml.MappingNode || len(entry.Content) != 2 || entryPath(entry) == "" {
					return k, errNotSimple
				}
				k.patches = append(k.patches, entryPath(entry))
			}
		default:
			return k, errNotSimple
		}
	}
	return k, nil
}

func readKustomization(fsys fs.FS, dir string) ([]byte, error) {
	var found []byte
	for _, name := range kustomizationNames {
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		if err != nil {
			continue
		}
		if found != nil {
			return nil, errNotSimple
		}
		found = data
	}
	if found == nil {
		return nil, errNotSimple
	}
	return found, nil
}

// allNameReferences reports whether configurations are ours; without a change
// of names they have no effect.
func allNameReferences(fsys fs.FS, dir string, files []*yaml.Node) bool {
	for _, file := range files {
		data, err := fs.ReadFile(fsys, path.Join(dir, file.Value))
		if file.Value != namesFile || err != nil || OriginOf(data) != Ours {
			return false
		}
	}
	return true
}
