package source

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Overlay has the objects of one overlay, folder or file, and its name.
type Overlay struct {
	Label   string
	Objects []manifest.Object
}

// Overlays reads all objects of an operand: a file, a built kustomization,
// every overlay of a generated tree, or all files of a plain folder.
func (r *Reader) Overlays(ctx context.Context, operand string) ([]Overlay, error) {
	if operand == Stdin {
		data, err := filetree.ReadAll(r.In, "stdin")
		if err != nil {
			return nil, err
		}
		objects, err := r.parse("stdin", data)
		return []Overlay{{Label: "stdin", Objects: objects}}, err
	}
	fsys, name, err := r.open(ctx, operand)
	if err != nil {
		return nil, err
	}
	if info, err := fs.Stat(fsys, name); err == nil && !info.IsDir() {
		objects, err := r.file(fsys, name, operand)
		return []Overlay{{Label: path.Base(name), Objects: objects}}, err
	}
	overlays, err := r.folder(ctx, fsys, name)
	if wrong, ok := err.(*fs.PathError); ok && filetree.IsRefusal(wrong.Err) {
		err = wrong.Err // which has the path
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operand, err)
	}
	return overlays, nil
}

func (r *Reader) folder(ctx context.Context, fsys fs.FS, name string) ([]Overlay, error) {
	if !overlay.HasKustomization(fsys, name) {
		if names := overlay.Overlays(fsys, name); len(names) > 0 {
			return r.generated(fsys, name, names)
		}
	}
	objects, err := r.objects(ctx, fsys, name)
	return []Overlay{{Label: path.Base(name), Objects: objects}}, err
}

// generated builds the overlays of a generated tree.
func (r *Reader) generated(fsys fs.FS, root string, names []string) ([]Overlay, error) {
	var overlays []Overlay
	for _, name := range names {
		objects, err := r.build(fsys, path.Join(root, name))
		if err != nil {
			return nil, err
		}
		overlays = append(overlays, Overlay{Label: name, Objects: objects})
	}
	return overlays, nil
}

// objects reads a file, or a folder and those below it, and builds the
// kustomizations in them.
func (r *Reader) objects(ctx context.Context, fsys fs.FS, name string) ([]manifest.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return r.file(fsys, name, path.Base(name))
	}
	if overlay.HasKustomization(fsys, name) {
		return r.build(fsys, name)
	}
	entries, err := fs.ReadDir(fsys, name)
	if err != nil {
		return nil, err
	}
	var objects []manifest.Object
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") || !entry.IsDir() && !isManifest(entry.Name()) {
			continue
		}
		found, err := r.objects(ctx, fsys, path.Join(name, entry.Name()))
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// file reads a file; shown is its name for errors.
func (r *Reader) file(fsys fs.FS, name, shown string) ([]manifest.Object, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, problem.Reason(err))
	}
	return r.parse(shown, data)
}

// parse reads the objects of a file. Documents of ours are refused.
func (r *Reader) parse(shown string, data []byte) ([]manifest.Object, error) {
	f := ownDocuments(data)
	if err := f.check(shown); err != nil {
		return nil, err
	}
	for _, h := range f.own {
		if h.kind != "" {
			return nil, &NotManifestError{shown, h.kindLine, h.kind}
		}
	}
	return r.shared().Objects(shown, data)
}

// NotManifestError means that a file has a document of ours where only manifests
// are read.
type NotManifestError struct {
	File string
	Line int
	Kind string
}

func (e *NotManifestError) Error() string {
	return fmt.Sprintf("%s:%d: kind %s is not a manifest", e.File, e.Line, e.Kind)
}
