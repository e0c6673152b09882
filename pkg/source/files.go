package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Files reads the files of -f as kubectl does: files, Stdin, and the manifests
// in a folder, and with recursive those in folders below it. It skips hidden
// files and folders in a folder. The error has every name that cannot be read.
func (r *Reader) Files(ctx context.Context, names []string, recursive bool) ([]Item, error) {
	var items []Item
	var errs []error
	for i, name := range names {
		if name == Stdin && slices.Contains(names[:i], Stdin) {
			return nil, errors.New("stdin can be used only once")
		}
		found, err := r.filesAt(ctx, name, recursive)
		items, errs = append(items, found...), append(errs, err)
	}
	return items, problem.Join(errs...)
}

func (r *Reader) filesAt(ctx context.Context, name string, recursive bool) ([]Item, error) {
	if name == Stdin {
		data, err := filetree.ReadAll(r.In, "stdin")
		return []Item{{Name: "stdin", Data: data}}, err
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return r.filesIn(ctx, filepath.ToSlash(name), recursive)
	}
	data, err := filetree.ReadFile(name)
	if err == nil && overlay.IsKustomization(filepath.ToSlash(name)) {
		return nil, &KustomizationError{filepath.ToSlash(name)}
	}
	return []Item{{Name: name, Data: data}}, err
}

// filesIn reads the manifests of a folder.
func (r *Reader) filesIn(ctx context.Context, name string, recursive bool) ([]Item, error) {
	opened, root, err := filetree.Open(name)
	if err != nil {
		return nil, err
	}
	folder := Item{Name: name, fsys: filetree.Guard(opened, r.Budget.Err), root: root}
	var items []Item
	err = fs.WalkDir(folder.fsys, root, func(file string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		hidden := strings.HasPrefix(path.Base(file), ".")
		switch {
		case err != nil || file == root:
			return err
		case d.IsDir() && (hidden || !recursive):
			return fs.SkipDir
		case d.IsDir() || hidden || !isManifest(file):
			return nil
		}
		item, err := folder.read(file)
		if err == nil && item.Data != nil {
			items = append(items, item)
		}
		return err
	})
	if err == nil && len(items) == 0 {
		err = &NoManifestsError{name, recursive}
	}
	return items, err
}

// read reads a file of a folder; the data is nil if it is not a regular file.
func (i Item) read(file string) (Item, error) {
	shown := i.shown(file)
	if overlay.IsKustomization(file) {
		return Item{}, &KustomizationError{shown}
	}
	info, err := fs.Stat(i.fsys, file)
	if err == nil && !info.Mode().IsRegular() {
		return Item{}, nil
	}
	data, err := fs.ReadFile(i.fsys, file)
	if err != nil {
		return Item{}, fmt.Errorf("%s: %w", shown, problem.Reason(err))
	}
	return Item{Name: shown, Data: append([]byte{}, data...)}, nil
}

// NoManifestsError means that a folder has no manifests.
type NoManifestsError struct {
	Folder    string
	Recursive bool // folders below it were included
}

func (e *NoManifestsError) Error() string { return e.Folder + ": no *.yaml, *.yml or *.json files" }

// KustomizationError means that a file of -f is a kustomization.
type KustomizationError struct{ File string }

func (e *KustomizationError) Error() string {
	return e.File + ": -f does not build kustomizations"
}

// Folder is that of the kustomization.
func (e *KustomizationError) Folder() string { return path.Dir(e.File) }
