package overlay

import (
	"io/fs"
	"path"
)

// HasKustomization reports whether a folder is a kustomization.
func HasKustomization(fsys fs.FS, dir string) bool {
	for _, name := range kustomizationNames {
		if info, err := fs.Stat(fsys, path.Join(dir, name)); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

// Overlays lists the overlays of a tree, as paths below its root, sorted.
func Overlays(fsys fs.FS, root string) []string {
	entries, err := fs.ReadDir(fsys, path.Join(root, OverlaysDir))
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		dir := path.Join(OverlaysDir, entry.Name())
		if entry.IsDir() && HasKustomization(fsys, path.Join(root, dir)) {
			found = append(found, dir)
		}
	}
	return found
}
