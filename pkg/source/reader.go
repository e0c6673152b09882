package source

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Stdin is the operand for standard input.
const Stdin = "-"

// Reader reads operands. They share a builder, so that files with the same
// content are parsed once. The zero value has no common limit.
type Reader struct {
	In       io.Reader // standard input
	Budget   *limits.Budget
	Progress func(what string) (done func()) // called around slow operations; may be nil

	builder *overlay.Builder
	opened  []io.Closer
}

// Close releases the revisions that were opened.
func (r *Reader) Close() {
	for _, c := range r.opened {
		_ = c.Close() // only for reading
	}
	r.opened = nil
}

func (r *Reader) build(fsys fs.FS, dir string) ([]manifest.Object, error) {
	return r.shared().Build(fsys, dir)
}

func (r *Reader) shared() *overlay.Builder {
	if r.builder == nil {
		r.builder = &overlay.Builder{Limits: r.Budget}
	}
	return r.builder
}

func (r *Reader) progress(what string) (done func()) {
	if r.Progress == nil {
		return func() {}
	}
	return r.Progress(what)
}

// Item is a file with its content, or a folder.
type Item struct {
	Name string // as the user named it
	Data []byte // of a file

	fsys fs.FS // of a folder
	root string
}

// IsFolder reports whether the item is a folder.
func (i Item) IsFolder() bool { return i.fsys != nil }

// Find reads a file, or finds a folder. The kustomization.yaml of a folder
// means the folder.
func (r *Reader) Find(ctx context.Context, operand string) (Item, error) {
	operand = filepath.ToSlash(operand)
	if operand == Stdin {
		data, err := filetree.ReadAll(r.In, "stdin")
		return Item{Name: "stdin", Data: data}, err
	}
	if overlay.IsKustomization(operand) {
		operand = path.Dir(operand)
	}
	if info, err := os.Stat(operand); err == nil && !info.IsDir() { // a pipe too
		data, err := filetree.ReadFile(operand)
		return Item{Name: operand, Data: data}, err
	}
	fsys, root, err := r.open(ctx, operand)
	if err != nil {
		return Item{}, err
	}
	info, err := fs.Stat(fsys, root)
	if err != nil {
		return Item{}, fmt.Errorf("%s: %w", operand, problem.Reason(err))
	}
	if !info.IsDir() {
		data, err := fs.ReadFile(fsys, root)
		return Item{Name: operand, Data: data}, err
	}
	return Item{Name: operand, fsys: fsys, root: root}, nil
}

// open returns the file system of an operand and the path in it.
func (r *Reader) open(ctx context.Context, operand string) (fs.FS, string, error) {
	spec, isGit := strings.CutPrefix(operand, "git:")
	if !isGit {
		fsys, name, err := filetree.Open(operand)
		if err != nil {
			return nil, "", err
		}
		return filetree.Guard(fsys, r.Budget.Err), name, nil
	}
	revision, file, found := strings.Cut(spec, ":")
	if !found || revision == "" {
		return nil, "", hint.With(fmt.Errorf("%s: invalid git operand; use git:REVISION:PATH", operand), "kubectl certs diff git:HEAD~1:overlays/prod overlays/prod")
	}
	tree, err := filetree.Git(ctx, ".", revision)
	if err != nil {
		return nil, "", err
	}
	r.opened = append(r.opened, tree)
	name := path.Join(tree.Prefix(), file)
	if _, err := fs.Stat(tree, name); err != nil {
		return nil, "", fmt.Errorf("%s: no such file or folder in revision %s", operand, revision)
	}
	return filetree.Guard(tree, r.Budget.Err), name, nil
}

// isManifest reports whether the name of a file is that of a manifest.
func isManifest(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
