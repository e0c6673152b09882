package nodetrust

import (
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Folder holds the files for one target of a bundle.
type Folder struct {
	Dir   string // below base, or below an overlay
	Files []File
}

// File is a file of a folder.
type File struct {
	Name string // below the folder
	Data []byte
	Note string // the purpose
}

// ForPods reports whether a folder is a component for pods, the only kind of folder
// that is part of a kustomize build.
func (f Folder) ForPods() bool { return path.Base(f.Dir) == podsDir }

// ConfigMap returns the ConfigMap that a component for pods generates: its name
// without the hash, and its certificates. The name is "" for a component that
// mounts another target's object, and for other folders.
func (f Folder) ConfigMap() (name string, pem []byte) {
	i := slices.IndexFunc(f.Files, func(file File) bool { return file.Name == cabundle.CAKey })
	if !f.ForPods() || i < 0 {
		return "", nil
	}
	return path.Base(path.Dir(f.Dir)), f.Files[i].Data
}

// Folders returns the folders of all bundles of a plan, in its order.
func Folders(p plan.Plan) []Folder {
	var folders []Folder
	for _, b := range p.Bundles {
		for _, t := range targets {
			if files := t.files(b); files != nil {
				folders = append(folders, Folder{Dir: b.TrustDir(t.name), Files: files})
			}
		}
	}
	return folders
}

type target struct {
	name  string
	files func(plan.Bundle) []File
}

const podsDir = "pods"

// targets are the targets with files. Each returns nil for a bundle without the
// target.
var targets = []target{
	{"aks", aks},
	{"gke", gke},
	{"bottlerocket", bottlerocket},
	{"talos", talos},
	{"k3s", func(b plan.Bundle) []File { return registries(b, b.Spec.To.K3s, "k3s") }},
	{"rke2", func(b plan.Bundle) []File { return registries(b, b.Spec.To.RKE2, "rke2") }},
	{"containerd", containerd},
	{podsDir, pods},
}

// Holds reports whether a file of a tree is in a folder of this package.
func Holds(name string) bool {
	steps := strings.Split(name, "/")
	i := slices.Index(steps, "trust")
	return i > 0 && i+3 < len(steps) && slices.ContainsFunc(targets, func(t target) bool { return t.name == steps[i+2] })
}

// pem returns the bundle in PEM.
func pem(b plan.Bundle, name, note string) File {
	return File{Name: name, Data: cabundle.Encode(b.Roots, cabundle.Generic), Note: b.Count() + "; " + note}
}

func yaml(name, note string, content map[string]any) File {
	return File{Name: name, Data: manifest.Encode(content), Note: note}
}

func anyOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, s := range texts {
		list[i] = s
	}
	return list
}

// fileName returns the name of the bundle's PEM file on a node.
func fileName(t *v1alpha1.Trust) string { return t.Name + ".pem" }

// NodeDirs returns the folders with files for nodes and clouds, which the user
// must install. They are not part of a kustomize build.
func NodeDirs(folders []Folder) []string {
	var dirs []string
	for _, f := range folders {
		if !f.ForPods() {
			dirs = append(dirs, f.Dir)
		}
	}
	return dirs
}
