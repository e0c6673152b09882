package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// checkLocal returns an error for a kustomization if it, or any that it
// includes, refers to something remote or to something that fsys does not read.
// The error has all such references. checkLocal returns the folders of the
// kustomizations that it has checked.
func checkLocal(budget *limits.Budget, fsys fs.FS, dir string) (seen map[string]bool, err error) {
	c := localChecker{budget: budget, fsys: fsys, seen: map[string]bool{}, plugins: map[string]bool{}, reported: map[string]bool{}}
	c.folder(dir)
	return c.seen, errors.Join(c.wrong...)
}

type localChecker struct {
	budget   *limits.Budget
	fsys     fs.FS
	seen     map[string]bool
	plugins  map[string]bool
	reported map[string]bool
	wrong    []error
}

func (c *localChecker) bad(err error) {
	if !c.reported[err.Error()] {
		c.reported[err.Error()] = true
		c.wrong = append(c.wrong, err)
	}
}

func (c *localChecker) folder(dir string) {
	dir, err := resolve(c.fsys, dir)
	if err != nil || c.seen[dir] || c.budget.Err() != nil {
		return // the build reports the error
	}
	c.seen[dir] = true
	c.ownFile(dir)
	l, err := list(c.budget, c.fsys, dir)
	if err != nil {
		return
	}
	c.take(l)
	for _, entry := range l.local {
		if info, err := fs.Stat(c.fsys, entry.path); err == nil && info.IsDir() {
			c.folder(entry.path)
		}
	}
	for _, plugin := range l.plugins {
		c.plugin(plugin)
	}
}

// ownFile reports a kustomization that is a link out of its folder. For
// kustomize such a file does not exist.
func (c *localChecker) ownFile(dir string) {
	for _, name := range kustomizationNames {
		file := path.Join(dir, name)
		real, err := resolve(c.fsys, file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			c.bad(fmt.Errorf("%s: %w", shown(c.fsys, file), problem.Reason(err)))
		case !strings.HasPrefix("/"+real, path.Join("/", dir)+"/"):
			c.bad(fmt.Errorf("%s is a link to %s, outside of its folder; kustomize does not read it", shown(c.fsys, file), shown(c.fsys, real)))
		}
	}
}

func (c *localChecker) take(l listing) {
	for _, remote := range l.remote {
		c.bad(remote)
	}
	for _, entry := range l.local {
		info, err := fs.Stat(c.fsys, entry.path)
		switch {
		case err == nil && !info.IsDir():
			c.link(l.dir, entry)
		case !fs.ValidPath(entry.path):
			c.bad(fmt.Errorf("%s: %s: %s is outside the tree", entry.file, entry.field, entry.path))
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			c.bad(fmt.Errorf("%s: %s: %w", entry.file, entry.field, problem.Reason(err)))
		}
	}
}

// link reports a file that is a link out of the folder of its kustomization.
// kustomize rejects it too, but without the target of the link.
func (c *localChecker) link(dir string, entry localEntry) {
	real, err := resolve(c.fsys, entry.path)
	if err == nil && real != entry.path && !strings.HasPrefix("/"+real, path.Join("/", dir)+"/") {
		c.bad(fmt.Errorf("%s: %s: %s is a link to %s, outside the folder of the kustomization, and kustomize does not follow it", entry.file, entry.field, shown(c.fsys, entry.path), shown(c.fsys, real)))
	}
}

// plugin checks a folder of generators, transformers or validators. Their
// references are known only if the folder has nothing but resources: a patch
// could add a URL to one.
func (c *localChecker) plugin(dir string) {
	dir, err := resolve(c.fsys, dir)
	if err != nil || c.plugins[dir] {
		return
	}
	c.plugins[dir] = true
	l, err := list(c.budget, c.fsys, dir)
	if err != nil {
		return
	}
	if !l.onlyLists {
		c.bad(fmt.Errorf("%s: a folder of generators, transformers or validators must have only resources, because otherwise their references are not known", l.file))
	}
	for _, entry := range l.local {
		info, err := fs.Stat(c.fsys, entry.path)
		switch {
		case err != nil:
		case info.IsDir():
			c.plugin(entry.path)
		default:
			inner := listing{budget: c.budget, fsys: c.fsys, dir: dir, read: map[string]bool{}}
			inner.configFile(entry.path)
			c.take(listing{remote: inner.remote}) // its files are below the folder that uses it
		}
	}
}
