package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Cgroups are the one thing that is in no namespace. The node's are all below this
// one of each hierarchy; one that was killed leaves them, empty, to the next.
const cgroup = "kubectl-certs-lab-node"

// hierarchies are one for each controller, or a single one.
func hierarchies() ([]string, error) {
	const root = "/sys/fs/cgroup"
	if _, err := os.Stat(root + "/cgroup.controllers"); err == nil {
		return []string{root}, nil
	}
	found, err := filepath.Glob(root + "/*/cgroup.procs")
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found, err
}

func makeCgroups() error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := os.Mkdir(filepath.Join(h, cgroup), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// removeCgroups removes them from the leaves up. What just died may keep one
// busy for a moment.
func removeCgroups() {
	all, _ := hierarchies()
	for _, h := range all {
		for range 50 {
			if removeTree(filepath.Join(h, cgroup)) {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func removeTree(dir string) (gone bool) {
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for i := len(dirs) - 1; i >= 0; i-- {
		_ = os.Remove(dirs[i])
	}
	_, err := os.Stat(dir)
	return errors.Is(err, fs.ErrNotExist)
}
