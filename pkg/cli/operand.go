package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// readOperands reads the two sides of a diff. They share a builder, so that
// files of equal content are parsed once.
func readOperands(ctx context.Context, env Env, a, b string) (old, new []diff.Overlay, err error) {
	if a == "-" && b == "-" {
		return nil, nil, errors.New("stdin can be one side only")
	}
	r := operandReader{ctx: ctx, env: env, builder: &overlay.Builder{Limits: env.Limits}}
	defer r.close()
	old, oldErr := r.read(a)
	new, newErr := r.read(b)
	if err := all(oldErr, newErr); err != nil {
		return nil, nil, err
	}
	if len(old) == 1 && len(new) == 1 { // two things of other names are still to be compared
		old[0].Label, new[0].Label = "", ""
	}
	return old, new, nil
}

type operandReader struct {
	ctx     context.Context
	env     Env
	builder *overlay.Builder
	opened  []io.Closer
}

func (r *operandReader) close() {
	for _, c := range r.opened {
		_ = c.Close() // only read from
	}
}

func (r *operandReader) read(operand string) ([]diff.Overlay, error) {
	if operand == "-" {
		data, err := disk.ReadAll(r.env.In, "stdin")
		if err != nil {
			return nil, err
		}
		objects, err := r.builder.Objects("stdin", data)
		return []diff.Overlay{{Label: "stdin", Objects: objects}}, err
	}
	fsys, name, err := r.open(operand)
	if err != nil {
		return nil, err
	}
	if info, err := fs.Stat(fsys, name); err == nil && !info.IsDir() {
		objects, err := r.file(fsys, name, operand)
		return []diff.Overlay{{Label: path.Base(name), Objects: objects}}, err
	}
	sides, err := r.sides(fsys, name)
	if wrong, ok := err.(*fs.PathError); ok && isRefusal(wrong.Err) {
		err = wrong.Err // which has the path
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operand, err)
	}
	return sides, nil
}

// open finds the file system of an operand and the place in it.
func (r *operandReader) open(operand string) (fs.FS, string, error) {
	spec, isGit := strings.CutPrefix(operand, "git:")
	if !isGit {
		fsys, name, err := disk.Open(operand)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, "", fmt.Errorf("%s: no such file or folder", operand)
		}
		if err != nil {
			return nil, "", err
		}
		return disk.Guard(fsys, r.env.Limits.Err), name, nil
	}
	revision, place, found := strings.Cut(spec, ":")
	if !found || revision == "" {
		return nil, "", withHint(fmt.Errorf("%s: not of the form git:REVISION:PATH", operand), "kubectl certs diff git:HEAD~1:overlays/prod overlays/prod")
	}
	tree, err := disk.Git(r.ctx, ".", revision)
	if err != nil {
		return nil, "", err
	}
	r.opened = append(r.opened, tree)
	name := path.Join(tree.Prefix(), place)
	if _, err := fs.Stat(tree, name); err != nil {
		return nil, "", fmt.Errorf("%s: no such file or folder in revision %s", operand, revision)
	}
	return disk.Guard(tree, r.env.Limits.Err), name, nil
}

// sides reads a folder: what a kustomization builds to, every overlay of a tree
// of ours, or all files of a plain folder.
func (r *operandReader) sides(fsys fs.FS, name string) ([]diff.Overlay, error) {
	if !overlay.HasKustomization(fsys, name) {
		if overlays := overlay.Overlays(fsys, name); len(overlays) > 0 {
			return r.overlays(fsys, name, overlays)
		}
	}
	objects, err := r.objects(fsys, name)
	return []diff.Overlay{{Label: path.Base(name), Objects: objects}}, err
}

func (r *operandReader) overlays(fsys fs.FS, root string, names []string) ([]diff.Overlay, error) {
	var sides []diff.Overlay
	for _, name := range names {
		objects, err := r.builder.Build(fsys, path.Join(root, name))
		if err != nil {
			return nil, err
		}
		sides = append(sides, diff.Overlay{Label: name, Objects: objects})
	}
	return sides, nil
}

// objects reads a file, or a folder and those below it; kustomizations are
// built where they are met.
func (r *operandReader) objects(fsys fs.FS, name string) ([]manifest.Object, error) {
	if err := r.ctx.Err(); err != nil {
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
		return r.builder.Build(fsys, name)
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
		found, err := r.objects(fsys, path.Join(name, entry.Name()))
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// file reads a file, which errors call shown.
func (r *operandReader) file(fsys fs.FS, name, shown string) ([]manifest.Object, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, reason(err))
	}
	return r.builder.Objects(shown, data)
}

func isManifest(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
