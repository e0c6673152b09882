package overlay

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Builder builds kustomizations to objects. It builds generated trees itself, in
// linear time, and passes any other kustomization to kustomize. Files of equal
// content are parsed once for all builds, and each kustomization is built once.
// The zero value is ready to use. A Builder is not safe for concurrent use.
type Builder struct {
	// Limits is the budget of the command; nil limits each file separately.
	Limits *limits.Budget

	parsed    map[string][]manifest.Object
	builds    map[fs.FS]*build
	kustomize kustomizer
}

// build has the builds of one file system.
type build struct {
	*Builder
	fsys  fs.FS
	built map[target]*outcome
}

// target is a kustomization and the way it is built.
type target struct {
	dir    string
	simple bool // built by the Builder itself
}

// outcome is the result of a build; its error is errNotSimple until the build
// is done.
type outcome struct {
	objects []manifest.Object
	err     error
	loads   int // number of kustomizations that kustomize would load, with repetitions
}

// of returns the builds of a file system, if it is comparable.
func (b *Builder) of(fsys fs.FS) *build {
	fresh := &build{Builder: b, fsys: noLinks{fsys}, built: map[target]*outcome{}}
	if !reflect.ValueOf(fsys).Comparable() {
		return fresh
	}
	if b.builds == nil {
		b.builds = map[fs.FS]*build{}
	}
	if b.builds[fsys] == nil {
		b.builds[fsys] = fresh
	}
	return b.builds[fsys]
}

// once builds a target, if it has not been built. A kustomization that includes
// itself is not simple.
func (b *build) once(t target, build func() outcome) outcome {
	if b.built[t] == nil {
		b.built[t] = &outcome{err: errNotSimple}
		*b.built[t] = build()
	}
	return *b.built[t]
}

// SetObjects sets the objects of a file, which is then not parsed.
func (b *Builder) SetObjects(data []byte, objects []manifest.Object) {
	if b.parsed == nil {
		b.parsed = map[string][]manifest.Object{}
	}
	b.parsed[string(data)] = objects
}

// Build returns the objects of the kustomization in a folder. They are shared
// between builds and must not be modified.
func (b *Builder) Build(fsys fs.FS, dir string) ([]manifest.Object, error) {
	one := b.of(fsys)
	built := one.simple(dir)
	if errors.Is(built.err, errNotSimple) {
		built = one.once(target{dir, false}, func() (o outcome) {
			o.objects, o.err = b.kustomize.build(b.Limits, fsys, dir)
			return o
		})
	}
	return slices.Clip(built.objects), built.err
}

// Objects parses a file that is not a kustomization. Errors start with its
// name.
func (b *Builder) Objects(name string, data []byte) ([]manifest.Object, error) {
	if objects, known := b.parsed[string(data)]; known {
		return objects, nil
	}
	objects, err := manifest.DecodeWithin(b.Limits, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b.SetObjects(data, objects)
	return objects, nil
}

// simple builds a kustomization of resources and merge patches.
func (b *build) simple(dir string) outcome {
	return b.once(target{dir, true}, func() outcome { return b.assemble(dir) })
}

func (b *build) assemble(dir string) outcome {
	k, err := readSimple(b.fsys, dir)
	if stopped := b.Limits.Err(); stopped != nil {
		return outcome{err: stopped}
	}
	if err != nil {
		return outcome{err: errNotSimple}
	}
	sum := outcome{loads: 1}
	index := map[manifest.ID]int{}
	for _, entry := range k.resources {
		if one := b.resource(dir, entry); !sum.add(one, index) {
			return outcome{err: cmp.Or(one.err, errNotSimple)}
		}
		if sum.loads > maxLoads {
			return outcome{err: tooManyLoads(shown(b.fsys, dir), sum.loads)}
		}
	}
	for _, patch := range k.patches {
		if err := b.patch(path.Join(dir, patch), sum.objects, index); err != nil {
			return outcome{err: err}
		}
	}
	sum.objects = slices.DeleteFunc(sum.objects, func(o manifest.Object) bool { return o == nil })
	return sum
}

// add adds the result of one resource, unless it is not simple.
func (o *outcome) add(one outcome, index map[manifest.ID]int) bool {
	if one.err != nil {
		return false
	}
	o.loads += one.loads
	for _, object := range one.objects {
		id := object.ID()
		if _, twice := index[id]; twice || hasConfigAnnotation(object) {
			return false
		}
		index[id] = len(o.objects)
		o.objects = append(o.objects, object)
	}
	return true
}

func (b *build) resource(dir, entry string) outcome {
	name := path.Join(dir, entry)
	info, err := fs.Stat(b.fsys, name)
	switch {
	case err != nil || path.IsAbs(entry) || isRemote(b.fsys, name, entry, true):
		return outcome{err: errNotSimple}
	case info.IsDir():
		return b.simple(name)
	case !strings.HasPrefix(name, dir+"/") && dir != ".":
		return outcome{err: errNotSimple} // kustomize does not load files from outside
	}
	data, err := fs.ReadFile(b.fsys, name)
	if err != nil {
		return outcome{err: err}
	}
	objects, err := b.Objects(name, data)
	return outcome{objects: objects, err: err}
}

// hasConfigAnnotation reports whether an object has annotations that make
// kustomize drop or change it.
func hasConfigAnnotation(o manifest.Object) bool {
	for key := range o.Map("metadata", "annotations") {
		if strings.HasPrefix(key, "config.kubernetes.io/") || strings.HasPrefix(key, "internal.config.kubernetes.io/") || strings.HasPrefix(key, "kustomize.config.k8s.io/") {
			return true
		}
	}
	return false
}

// patch applies the patches of one file to the objects; removed ones become
// nil.
func (b *build) patch(file string, objects []manifest.Object, index map[manifest.ID]int) error {
	data, err := fs.ReadFile(b.fsys, file)
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
