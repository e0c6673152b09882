package overlay

import (
	"io/fs"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Kustomize builds as kustomize does, to hold our own build to it.
func Kustomize(fsys fs.FS, dir string) ([]manifest.Object, error) {
	return (&Builder{}).kustomize(fsys, dir)
}
