package overlay

import (
	"path"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// New lays out a tree: the base, and for every environment patches with its
// differences. Without environments there is one overlay, default.
func New(base Content, environments []Environment) Generated {
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
		environments = []Environment{{Name: "default", Content: base}}
	}
	for _, e := range environments {
		dir := path.Join(OverlaysDir, e.Name)
		g.overlay(dir, bases, base.Objects, e.Objects)
		g.folders(dir, changed(base.Folders, e.Folders))
	}
	return g
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
