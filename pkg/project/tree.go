package project

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// Tree is the tree of a project: the files on the disk, and the generated ones.
type Tree struct {
	project *Project
	dir     string
	desired overlay.Generated
	current overlay.Tree
}

// Tree reads the tree on the disk. A folder that does not exist is empty.
func (p *Project) Tree() (*Tree, error) {
	t := &Tree{project: p, dir: p.options.TreeDir(), desired: overlay.New(p.document.Base.Metadata.Name, p.base, p.environments)}
	var err error
	t.current, err = filetree.Read(t.dir, overlay.Dirs...)
	if errors.Is(err, fs.ErrNotExist) {
		t.current, err = overlay.Tree{}, nil
	}
	return t, err
}

// Update returns the changes from the files on the disk to the generated ones.
// It keeps files that were edited by hand, unless force is set. The error has
// every kustomization that cannot be edited.
func (t *Tree) Update(force bool) (overlay.Update, error) {
	return overlay.Plan(t.current, t.desired, force)
}

// Write applies all of an update, or nothing. It returns how many temporary
// files of interrupted runs it has removed, even if writing failed.
func (t *Tree) Write(u overlay.Update) (removed int, err error) {
	swept, err := filetree.Sweep(t.dir, overlay.Dirs...)
	if err != nil {
		return 0, fmt.Errorf("remove temporary files of an interrupted run: %w", err)
	}
	if !u.Dirty() {
		return len(swept), nil
	}
	return len(swept), filetree.Write(t.dir, u.Writes, u.Deletes)
}

// HandEdited returns the files that only an update with force changes, because
// they were edited by hand. The update is one with force.
func (t *Tree) HandEdited(forced overlay.Update) []string {
	var edited []string
	for _, c := range forced.Changes {
		if _, there := t.current[c.Path]; there && c.Action != overlay.Unchanged && t.current.IsHandEdited(c.Path) {
			edited = append(edited, c.Path)
		}
	}
	return edited
}

// ChangedFolders returns the folders in which an update changes files that are
// not part of an overlay: files for nodes and Kustomize components.
func ChangedFolders(u overlay.Update) []string {
	var dirs []string
	for _, c := range u.Changes {
		changed := c.Action != overlay.Unchanged && c.Action != overlay.Kept
		if dir := path.Dir(c.Path); changed && nodetrust.Holds(c.Path) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// leftOver returns the overlays on the disk that an update changes and that no
// longer have an environment; none if one environment was selected.
func (t *Tree) leftOver(u overlay.Update) []string {
	if t.project.options.Environment != "" {
		return nil
	}
	var labels []string
	for _, c := range u.Changes {
		dir := path.Dir(c.Path)
		if _, desired := t.desired.Kustomizations[dir]; desired || path.Dir(dir) != overlay.OverlaysDir {
			continue
		}
		if (c.Action == overlay.Updated || c.Action == overlay.Deleted) && !slices.Contains(labels, dir) {
			labels = append(labels, dir)
		}
	}
	return labels
}

// remains reports whether a folder is a kustomization after an update.
func (t *Tree) remains(dir string, u overlay.Update) bool {
	for name := range t.current {
		if path.Dir(name) == dir && overlay.IsKustomization(name) && !slices.Contains(u.Deletes, name) {
			return true
		}
	}
	return false
}

// exists reports whether there is a file in a folder on the disk.
func (t *Tree) exists(dir string) bool {
	for name := range t.current {
		if path.Dir(name) == dir {
			return true
		}
	}
	return false
}
