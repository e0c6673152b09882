package overlay

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Tree has files by slash-separated path.
type Tree map[string][]byte

// The folders of a tree. Cluster-scoped objects and those in the responder's
// namespace have separate folders, to which a namespace: transformer need not
// apply.
const (
	ClusterDir   = "base/" + plan.ClusterPart
	ResponderDir = "base/responder"
	AppsDir      = "base/apps"
	OverlaysDir  = "overlays"
)

// trustDir has a folder for each target of each bundle.
const trustDir = "base/trust"

// baseDirs are the folders of the base, in the order in which they are built.
func baseDirs(parts map[string][]manifest.Built) []string {
	dirs := []string{ClusterDir, ResponderDir}
	for _, dir := range slices.Sorted(maps.Keys(parts)) {
		if strings.HasPrefix(dir, trustDir+"/") {
			dirs = append(dirs, dir)
		}
	}
	return append(dirs, AppsDir)
}

// isBase reports whether a folder can be one of the base.
func isBase(dir string) bool {
	return dir == ClusterDir || dir == ResponderDir || dir == AppsDir || strings.HasPrefix(dir, trustDir+"/")
}

// Dirs are the folders of a tree that may have files.
var Dirs = []string{"base", OverlaysDir}

// Content has the complete objects and files of the base or of one environment.
type Content struct {
	Objects []manifest.Built
	Folders []nodetrust.Folder // with files that are not part of a build
}

// Environment is one overlay.
type Environment struct {
	Name string
	Content
}

// Generated is the generated tree of a plan.
type Generated struct {
	// Files are all generated files by path, with markers. Kustomizations that
	// users also edit are not among them.
	Files map[string]File
	// Kustomizations are by folder.
	Kustomizations map[string]Kustomization
}

// File is a generated file and its objects.
type File struct {
	Data    []byte
	Objects []manifest.Object // or patches; nil for configuration
	Notes   []string          // one for each object
}
