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

// Folder is what one target of a bundle takes, if that is files.
type Folder struct {
	Dir   string // below base, or below an overlay
	Files []File
}

// File is a file of a folder.
type File struct {
	Name string // below the folder
	Data []byte
	Note string // what it is for
}

// ForPods reports whether a folder is a component for pods, which is the one
// kind that becomes part of a cluster by being built.
func (f Folder) ForPods() bool { return path.Base(f.Dir) == podsDir }

// ConfigMap is what the component of pods makes a ConfigMap of: its name, which
// gets a hash of its content, and the certificates in it. It is "" for a
// component that mounts what another target makes, and for all else.
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

// targets are those that take files; each returns none where the bundle is not
// for it.
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

// Holds reports whether a file of a tree is one of a folder.
func Holds(name string) bool {
	steps := strings.Split(name, "/")
	i := slices.Index(steps, "trust")
	return i > 0 && i+3 < len(steps) && slices.ContainsFunc(targets, func(t target) bool { return t.name == steps[i+2] })
}

// pem is the bundle in PEM, under the name that configuration refers to.
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

// fileName is how the bundle's PEM is called on a node.
func fileName(t *v1alpha1.Trust) string { return t.Name + ".pem" }

// NodeDirs returns the folders whose files people hand over to nodes and clouds:
// what is in them does not get into a cluster by being built.
func NodeDirs(folders []Folder) []string {
	var dirs []string
	for _, f := range folders {
		if !f.ForPods() {
			dirs = append(dirs, f.Dir)
		}
	}
	return dirs
}
