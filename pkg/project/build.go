package project

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// BuildError means that an overlay cannot be built.
type BuildError struct{ Err error }

func (e *BuildError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *BuildError) Unwrap() error { return e.Err }

// BuildCheck is an overlay that was built, and how many objects it has.
type BuildCheck struct {
	Environment string
	Objects     int
}

// CheckBuilds builds every overlay as it will be after an update. The error is a
// *BuildError for the first overlay that does not build, and another one for
// unresolved references.
func (t *Tree) CheckBuilds(ctx context.Context, u overlay.Update) ([]BuildCheck, error) {
	b, err := t.newBuilds(u)
	if err != nil {
		return nil, err
	}
	var checks []BuildCheck
	for _, e := range t.buildable() {
		label := path.Join(overlay.OverlaysDir, e.Name)
		objects, err := b.build(ctx, b.after, label)
		if err != nil {
			return nil, err
		}
		affixes := overlay.NameAffixes(b.after, path.Join(b.root, label))
		if err := overlay.CheckReferences(objects, e.Objects, affixes); err != nil {
			return nil, fmt.Errorf("%s: %w", label, err)
		}
		checks = append(checks, BuildCheck{e.Name, len(objects)})
	}
	return checks, nil
}

// Sides builds every overlay as it is on the disk, and as it would be after an
// update. An overlay that is not on the disk is empty.
func (t *Tree) Sides(ctx context.Context, u overlay.Update) (before, after []diff.Overlay, err error) {
	b, err := t.newBuilds(u)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range t.buildable() {
		label := path.Join(overlay.OverlaysDir, e.Name)
		side := diff.Overlay{Label: label}
		if t.exists(label) {
			if side, err = b.side(ctx, b.before, label); err != nil {
				return nil, nil, err
			}
		}
		before = append(before, side)
		if side, err = b.side(ctx, b.after, label); err != nil {
			return nil, nil, err
		}
		after = append(after, side)
	}
	for _, label := range t.leftOver(u) {
		side, err := b.side(ctx, b.before, label)
		if err != nil {
			return nil, nil, err
		}
		before = append(before, side)
		if !t.remains(label, u) {
			continue
		}
		if side, err = b.side(ctx, b.after, label); err != nil {
			return nil, nil, err
		}
		after = append(after, side)
	}
	return before, after, nil
}

// buildable returns the selected environments that have objects: one that has
// only files for nodes is not a kustomization.
func (t *Tree) buildable() []overlay.Environment {
	var list []overlay.Environment
	for _, e := range t.project.selected {
		if _, desired := t.desired.Kustomizations[path.Join(overlay.OverlaysDir, e.Name)]; desired {
			list = append(list, e)
		}
	}
	return list
}

// builds builds the overlays of a tree before and after an update.
type builds struct {
	before, after fs.FS
	root          string // of the tree, in both
	builder       *overlay.Builder
	progress      func(what string) (done func())
}

func (t *Tree) newBuilds(u overlay.Update) (*builds, error) {
	fsys, root, err := t.open()
	if err != nil {
		return nil, err
	}
	b := &builds{before: fsys, after: overlay.Layer(fsys, root, u), root: root, progress: t.project.options.progress}
	b.builder = &overlay.Builder{Limits: t.project.options.Limits}
	for _, f := range t.desired.Files { // so that they are not parsed
		if f.Objects != nil {
			b.builder.SetObjects(f.Data, f.Objects)
		}
	}
	return b, nil
}

// open opens the folder of the tree, which need not exist.
func (t *Tree) open() (fsys fs.FS, root string, err error) {
	if _, err := os.Stat(t.dir); os.IsNotExist(err) {
		return noFiles{}, ".", nil
	}
	fsys, root, err = filetree.Open(t.dir)
	return filetree.Guard(fsys, t.project.options.Limits.Err), root, err
}

func (b *builds) build(ctx context.Context, fsys fs.FS, label string) ([]manifest.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer b.progress("building " + label)()
	objects, err := b.builder.Build(fsys, path.Join(b.root, label))
	if err != nil {
		return nil, &BuildError{err}
	}
	return objects, nil
}

func (b *builds) side(ctx context.Context, fsys fs.FS, label string) (diff.Overlay, error) {
	objects, err := b.build(ctx, fsys, label)
	return diff.Overlay{Label: label, Objects: objects}, err
}

// noFiles is the file system of a folder that does not exist.
type noFiles struct{}

// Open returns fs.ErrNotExist.
func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
