package overlay

import (
	"io/fs"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Kustomize builds as kustomize does, to hold our own build to it.
func Kustomize(fsys fs.FS, dir string) ([]manifest.Object, error) {
	return (&kustomizer{}).build(nil, fsys, dir)
}

// ByKustomize is how many builds were left to kustomize.
func (b *Builder) ByKustomize() int { return b.kustomize.builds }

// Signed is a file that we wrote.
func Signed(content string) []byte { return sign(generatedLine, []byte(content)) }

// The patches of environments.
var (
	DescribePatch = describe
	MapPatch      = mapPatch
	ApplyPatch    = applyPatch
)
