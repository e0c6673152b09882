package overlay

import (
	"crypto/sha256"
	"fmt"
	"path"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// New lays out the tree of the certs.yaml with a name: the base, and for every
// environment patches with its differences. Without environments there is one
// overlay, default.
func New(name string, base Content, environments []Environment) Generated {
	g := Generated{Files: map[string]File{}, Kustomizations: map[string]Kustomization{}}
	parts := split(base.Objects)
	var bases []string
	for _, dir := range baseDirs(parts) {
		if len(parts[dir]) > 0 {
			g.base(dir, parts[dir])
			bases = append(bases, "../../"+dir)
		}
	}
	g.folders("base", base.Folders)
	if len(environments) == 0 {
		g.environment("default", SetName(name, "default"), bases, base, base)
	}
	for _, e := range environments {
		g.environment(e.Name, SetName(name, e.Name), bases, base, e.Content)
	}
	return g
}

// environment writes one overlay.
func (g *Generated) environment(name, set string, bases []string, base, content Content) {
	dir := path.Join(OverlaysDir, name)
	g.overlay(dir, bases, base.Objects, content.Objects)
	if k, there := g.Kustomizations[dir]; there {
		k.Set = set
		g.Kustomizations[dir] = k
	}
	g.folders(dir, changed(base.Folders, content.Folders))
}

// split distributes objects to the folders of the base.
func split(objects []manifest.Built) map[string][]manifest.Built {
	parts := map[string][]manifest.Built{}
	for _, o := range objects {
		dir := AppsDir
		switch {
		case o.Part != "":
			dir = path.Join("base", o.Part)
		case o.Kind() == "ClusterIssuer":
			dir = ClusterDir
		case o.Map("metadata", "labels")[v1alpha1.StaticLabel] == v1alpha1.StaticValue:
			dir = ResponderDir
		}
		parts[dir] = append(parts[dir], o)
	}
	return parts
}

// isOtherVersion reports whether two objects have different API versions, which
// a patch cannot change.
func isOtherVersion(a, b manifest.Built) bool {
	return a.Object["apiVersion"] != b.Object["apiVersion"]
}

func byID(objects []manifest.Built) map[manifest.ID]manifest.Built {
	m := make(map[manifest.ID]manifest.Built, len(objects))
	for _, o := range objects {
		m[o.ID()] = o
	}
	return m
}

// Share replaces an environment's objects by the equal ones of the base, to
// save memory.
func Share(base, objects []manifest.Built) {
	common := byID(base)
	for i, o := range objects {
		if same, there := common[o.ID()]; there && manifest.Equal(same.Object, o.Object) {
			objects[i].Object = same.Object
		}
	}
}

// base writes the objects of one base folder and its kustomization.
func (g *Generated) base(dir string, objects []manifest.Built) {
	k := Kustomization{Resources: g.objects(dir, "", objects)}
	if names := nameReferences(objects); names != nil {
		g.Files[path.Join(dir, namesFile)] = File{Data: sign(generatedLine, names), Notes: []string{"lets kustomize rename referenced objects"}}
		k.Configurations = []string{namesFile}
	}
	g.Kustomizations[dir] = k
}

// objects writes objects, or patches of them, to files of a folder, and returns
// the file names. They start with prefix.
func (g *Generated) objects(dir, prefix string, objects []manifest.Built) []string {
	var names []string
	for _, part := range distribute(objects, prefix) {
		f := File{}
		for _, o := range part.objects {
			f.Objects = append(f.Objects, o.Object)
			f.Notes = append(f.Notes, o.Note)
		}
		f.Data = sign(generatedLine, manifest.Join(f.Objects))
		g.Files[path.Join(dir, part.name)] = f
		names = append(names, part.name)
	}
	return names
}

// overlay writes one environment: its additional objects, and patches for the
// objects that it changes or removes.
func (g *Generated) overlay(dir string, bases []string, base, objects []manifest.Built) {
	var added, patches []manifest.Built
	common, own := byID(base), byID(objects)
	patch := func(p manifest.Object) {
		patches = append(patches, manifest.Built{Object: p, Note: p.ID().String() + ": " + describe(p)})
	}
	for _, o := range base {
		theirs, there := own[o.ID()]
		switch {
		case !there, isOtherVersion(o, theirs):
			patch(deletion(o.Object))
		case !manifest.Equal(o.Object, theirs.Object):
			patch(mergePatch(o.Object, theirs.Object))
		}
	}
	for _, o := range objects {
		if before, there := common[o.ID()]; !there || isOtherVersion(before, o) {
			added = append(added, o)
		}
	}
	k := Kustomization{Resources: append(slices.Clone(bases), g.objects(dir, "", added)...)}
	k.Patches = g.objects(dir, "patch-", patches)
	if len(k.Resources) > 0 { // kustomize rejects an empty build
		g.Kustomizations[dir] = k
	}
}

// maxSet is the maximum length of a label value.
const maxSet = 63

// SetName is the set of the objects of an environment of the certs.yaml with a
// name, "" if that has no name. It is a label value. Different names have
// different sets: an underscore cannot be part of either name, and a set that is
// too long ends with its hash.
func SetName(name, environment string) string {
	if name == "" {
		return ""
	}
	set := name + "_" + environment
	if len(set) > maxSet {
		hash := fmt.Sprintf("_%.5x", sha256.Sum256([]byte(set)))
		set = set[:maxSet-len(hash)] + hash
	}
	return set
}
