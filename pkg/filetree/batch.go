package filetree

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
)

// batch is one Write: stage writes new files next to their targets, commit
// moves them, and rollback undoes both.
type batch struct {
	root    *os.Root
	writes  map[string][]byte
	deletes []string          // sorted
	temps   map[string]string // from the target's path to that of the staged file
	changed map[string]bool   // folders with added or removed entries
	undo    []func() error
}

func newBatch(r *os.Root, writes map[string][]byte, deletes []string) *batch {
	return &batch{
		root:    r,
		writes:  writes,
		deletes: slices.Sorted(slices.Values(deletes)),
		temps:   map[string]string{},
		changed: map[string]bool{},
	}
}

func (b *batch) stage() error {
	for _, name := range slices.Sorted(maps.Keys(b.writes)) {
		if err := b.makeDir(path.Dir(name)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		var perm fs.FileMode
		info, err := b.root.Lstat(name)
		switch {
		case err == nil:
			perm = info.Mode().Perm()
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("write %s: %w", name, err)
		}
		temp, err := writeTemp(b.root, path.Dir(name), b.writes[name], perm)
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		b.temps[name] = temp
		b.undo = append(b.undo, func() error { return remove(b.root, temp) })
	}
	return nil
}

func (b *batch) commit() error {
	for _, name := range slices.Sorted(maps.Keys(b.writes)) {
		err := b.replace(name, func() error { return b.root.Rename(b.temps[name], name) })
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for _, name := range b.deletes {
		if err := b.delete(name); err != nil {
			return fmt.Errorf("delete %s: %w", name, err)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(b.changed)) {
		if err := syncDir(b.root, dir); err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
	}
	return nil
}

// rollback undoes every step taken, the last one first.
func (b *batch) rollback() error {
	var errs []error
	for _, undo := range slices.Backward(b.undo) {
		if err := undo(); err != nil {
			errs = append(errs, fmt.Errorf("undo: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (b *batch) makeDir(dir string) error {
	if dir == "." {
		return nil
	}
	if err := b.makeDir(path.Dir(dir)); err != nil {
		return err
	}
	err := b.root.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	b.changed[path.Dir(dir)] = true
	b.undo = append(b.undo, func() error { return remove(b.root, dir) })
	return nil
}

// replace runs step, which changes the file at name, and records how to restore
// the file.
func (b *batch) replace(name string, step func() error) error {
	restore, err := b.saved(name)
	if err != nil {
		return err
	}
	if err := step(); err != nil {
		return err
	}
	b.changed[path.Dir(name)] = true
	b.undo = append(b.undo, restore)
	return nil
}

func (b *batch) saved(name string) (restore func() error, err error) {
	info, err := b.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return func() error { return remove(b.root, name) }, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no longer a regular file")
	}
	data, err := b.root.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return func() error {
		temp, err := writeTemp(b.root, path.Dir(name), data, info.Mode().Perm())
		if err != nil {
			return err
		}
		return b.root.Rename(temp, name)
	}, nil
}

// delete removes a file, and the folders above it that are empty then.
func (b *batch) delete(name string) error {
	if _, err := b.root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := b.replace(name, func() error { return b.root.Remove(name) }); err != nil {
		return err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		empty, err := isEmpty(b.root, dir)
		if err != nil || !empty {
			return err
		}
		if err := b.removeDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) removeDir(dir string) error {
	info, err := b.root.Lstat(dir)
	if err != nil {
		return err
	}
	if err := b.root.Remove(dir); err != nil {
		return err
	}
	delete(b.changed, dir)
	b.changed[path.Dir(dir)] = true
	b.undo = append(b.undo, func() error {
		if err := b.root.Mkdir(dir, 0o755); err != nil {
			return err
		}
		return b.root.Chmod(dir, info.Mode().Perm())
	})
	return nil
}
