package overlay

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Tree is files by slash-separated path.
type Tree map[string][]byte

// The folders of a tree. Cluster-scoped objects, and those in the namespace of
// the responder for challenges, are apart, in kustomizations that no namespace:
// transformer need touch.
const (
	ClusterDir   = "base/" + plan.ClusterPart
	ResponderDir = "base/responder"
	AppsDir      = "base/apps"
	OverlaysDir  = "overlays"
)

// TrustDir is where each target of each bundle has a folder of its own.
const TrustDir = "base/trust"

// baseDirs are the folders of the base, in the order in which they are built.
func baseDirs(parts map[string][]manifest.Built) []string {
	dirs := []string{ClusterDir, ResponderDir}
	for _, dir := range sortedKeys(parts) {
		if strings.HasPrefix(dir, TrustDir+"/") {
			dirs = append(dirs, dir)
		}
	}
	return append(dirs, AppsDir)
}

// isBase reports whether a folder can be one of the base.
func isBase(dir string) bool {
	return dir == ClusterDir || dir == ResponderDir || dir == AppsDir || strings.HasPrefix(dir, TrustDir+"/")
}

// Dirs are the folders that a tree may have files in.
var Dirs = []string{"base", OverlaysDir}

// Content is all that holds in the base or in one environment.
type Content struct {
	Objects []manifest.Built
	Folders []nodetrust.Folder // of files that are not part of any build
}

// Environment is one overlay.
type Environment struct {
	Name string
	Content
}

// Generated is the tree that a plan becomes.
type Generated struct {
	// Files are all files but the kustomizations that are people's too, marked,
	// by path.
	Files map[string]File
	// Kustomizations are by folder.
	Kustomizations map[string]Kustomization
}

// File is a generated file and what is in it.
type File struct {
	Data    []byte
	Objects []manifest.Object // or patches of them; nil for configuration
	Notes   []string          // one for each object
}
