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
	objects, err := b.simple(fsys, dir, 0)
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
		if objects, err = b.patch(fsys, dir, patch, objects, index); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(objects, func(o manifest.Object) bool { return o == nil }), nil
}

func (b *Builder) resource(fsys fs.FS, dir, entry string, depth int) ([]manifest.Object, error) {
	name := path.Join(dir, entry)
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil || strings.Contains(entry, "://") || path.IsAbs(entry):
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
func (b *Builder) patch(fsys fs.FS, dir string, p Patch, objects []manifest.Object, index map[manifest.ID]int) ([]manifest.Object, error) {
	data, err := fs.ReadFile(fsys, path.Join(dir, p.Path))
	if err != nil || OriginOf(data) != Ours {
		return nil, errNotSimple
	}
	patches, err := b.Objects(path.Join(dir, p.Path), data)
	if err != nil {
		return nil, err
	}
	for _, patch := range patches {
		targets, err := findTargets(p.Target, patch, objects, index)
		if err != nil {
			return nil, err
		}
		for _, i := range targets {
			if patch["$patch"] == "delete" {
				objects[i] = nil
				continue
			}
			change := patch
			if p.Target != nil {
				change = withoutIdentity(patch)
			}
			objects[i] = applyPatch(objects[i], change)
		}
	}
	return objects, nil
}

func findTargets(target *Target, patch manifest.Object, objects []manifest.Object, index map[manifest.ID]int) ([]int, error) {
	if target == nil {
		i, there := index[patch.ID()]
		if !there || objects[i] == nil {
			return nil, errNotSimple
		}
		return []int{i}, nil
	}
	var found []int
	for i, o := range objects {
		if o == nil {
			continue
		}
		if id := o.ID(); id.Kind == target.Kind && id.Group == target.Group {
			found = append(found, i)
		}
	}
	return found, nil
}

// withoutIdentity is a patch that may be laid over any object.
func withoutIdentity(patch manifest.Object) manifest.Object {
	change := anonymous(patch)
	delete(change, "apiVersion")
	delete(change, "kind")
	delete(change.Map("metadata"), "name")
	return change
}

// simpleKustomization is the part of a kustomization that we build ourselves.
type simpleKustomization struct {
	resources []string
	patches   []Patch
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
				patch, ok := readPatch(entry)
				if !ok {
					return k, errNotSimple
				}
				k.patches = append(k.patches, patch)
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

// readPatch reads an entry of patches, if it has the form of ours.
func readPatch(entry *yaml.Node) (Patch, bool) {
	p := Patch{Path: entryPath(entry)}
	fields := len(entry.Content) / 2
	target := get(entry, "target")
	if entry.Kind != yaml.MappingNode || p.Path == "" {
		return p, false
	}
	if target == nil {
		return p, fields == 1
	}
	p.Target = &Target{}
	selectors := 0
	if kind := get(target, "kind"); kind != nil {
		p.Target.Kind = kind.Value
		selectors++
	}
	if group := get(target, "group"); group != nil {
		p.Target.Group = group.Value
		selectors++
	}
	return p, fields == 2 && selectors == 2 && len(target.Content) == 4 && !strings.ContainsAny(p.Target.Kind+p.Target.Group, "*+?|()[]^$\\")
}
