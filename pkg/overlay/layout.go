package overlay

import (
	"path"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// New lays out a tree: the base, and for every environment the few patches in
// which it differs. Without environments there is one overlay, default.
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

// split shares objects out among the folders of the base.
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

// isOtherVersion reports whether an object is of another version of its API,
// which no patch makes of it.
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

// Share makes an environment's objects that equal the base's be the base's,
// which saves holding both.
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
		g.Files[path.Join(dir, namesFile)] = File{Data: sign(generatedLine, names), Notes: []string{"keeps references right under namePrefix and nameSuffix"}}
		k.Configurations = []string{namesFile}
	}
	g.Kustomizations[dir] = k
}

// objects writes objects, or patches of them, into files of a folder whose
// names start with prefix, and returns the names.
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

// overlay writes one environment: what it adds, and patches for what it
// changes or leaves out.
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
	if len(k.Resources) > 0 { // kustomize builds no nothing
		g.Kustomizations[dir] = k
	}
}
