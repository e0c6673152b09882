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

// Builder builds kustomizations to objects. What kustomize does to the trees
// that we write, adding files and laying patches over objects, it does itself,
// in time linear to their number where kustomize's is quadratic. As soon as a
// kustomization says anything else, kustomize builds it. Files of equal content
// are parsed once for all builds, and each kustomization is built once. The zero
// value is ready to use; a Builder is for one goroutine.
type Builder struct {
	// Limits is the budget of the command; nil bounds each file by itself.
	Limits *limits.Budget

	parsed    map[string][]manifest.Object
	builds    map[fs.FS]*build
	kustomize kustomizer
}

// build is what has been built of one file system.
type build struct {
	*Builder
	fsys  fs.FS
	built map[target]*outcome
}

// target is a kustomization and how it is built.
type target struct {
	dir    string
	simple bool // by the Builder itself
}

// outcome is what a build came to; it is errNotSimple until the build is done.
type outcome struct {
	objects []manifest.Object
	err     error
	loads   int // what kustomize would load, kustomizations each time anew
}

// of returns what has been built of a file system, if it is one that can be
// recognised.
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

// once builds a target unless it is built. A kustomization that includes itself
// is not simple.
func (b *build) once(t target, build func() outcome) outcome {
	if b.built[t] == nil {
		b.built[t] = &outcome{err: errNotSimple}
		*b.built[t] = build()
	}
	return *b.built[t]
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

// Objects parses a file that is not a kustomization, named for errors.
func (b *Builder) Objects(name string, data []byte) ([]manifest.Object, error) {
	if objects, known := b.parsed[string(data)]; known {
		return objects, nil
	}
	objects, err := manifest.DecodeWithin(b.Limits, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b.Know(data, objects)
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

// add takes in what one resource came to, unless kustomize has to.
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
