package overlay

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Action is what happens to a file.
type Action string

// The actions.
const (
	Created   Action = "created"
	Updated   Action = "updated"
	Unchanged Action = "unchanged"
	Deleted   Action = "deleted"
	Kept      Action = "kept" // edited by hand, or not ours: neither written nor deleted
)

// Change is one file of a tree and what happens to it.
type Change struct {
	Path   string   `json:"path"`
	Action Action   `json:"action"`
	Notes  []string `json:"notes,omitempty"`
}

// Update is everything that makes the files there the files wanted.
type Update struct {
	Writes  Tree
	Deletes []string
	Changes []Change // by path, the unchanged too
}

// Dirty reports whether anything is to be written or deleted.
func (u Update) Dirty() bool { return len(u.Writes) > 0 || len(u.Deletes) > 0 }

// Kept lists the files that were left alone though they should differ.
func (u Update) Kept() []Change {
	return slices.DeleteFunc(slices.Clone(u.Changes), func(c Change) bool { return c.Action != Kept })
}

// Plan compares the files that are there with those wanted. Files
// changed since we wrote them are kept unless force is given, files without our
// marker always; kustomizations of others are edited, never replaced. The error names every
// kustomization that cannot be edited.
func Plan(have Tree, want Generated, force bool) (Update, error) {
	u := updater{have: have, want: want, force: force, update: Update{Writes: Tree{}}, gone: map[string]bool{}}
	for _, name := range sortedKeys(want.Files) {
		u.file(name, want.Files[name])
	}
	for _, name := range sortedKeys(have) {
		if _, wanted := want.Files[name]; !wanted && !u.isShared(name) {
			u.stale(name)
		}
	}
	var errs []error
	for _, dir := range u.kustomizationDirs() {
		if err := u.kustomization(dir); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", u.kustomizationPath(dir), err))
		}
	}
	slices.SortFunc(u.update.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return u.update, errors.Join(errs...)
}

type updater struct {
	have   Tree
	want   Generated
	force  bool
	update Update
	gone   map[string]bool // what is deleted, as a set
}

func (u *updater) note(name string, action Action, notes ...string) {
	u.update.Changes = append(u.update.Changes, Change{Path: name, Action: action, Notes: notes})
}

func (u *updater) write(name string, action Action, data []byte, notes ...string) {
	u.update.Writes[name] = data
	u.note(name, action, notes...)
}

func (u *updater) remove(name string) {
	u.gone[name] = true
	u.update.Deletes = append(u.update.Deletes, name)
	if dir := path.Dir(name); path.Dir(dir) == OverlaysDir {
		u.note(name, Deleted, u.whyGone(path.Base(dir)))
		return
	}
	u.note(name, Deleted)
}

// whyGone says why an overlay is deleted: certs.yaml has other environments.
func (u *updater) whyGone(environment string) string {
	var others []string
	for _, dir := range sortedKeys(u.want.Kustomizations) {
		if path.Dir(dir) == OverlaysDir {
			others = append(others, path.Base(dir))
		}
	}
	if environment == defaultEnvironment || len(others) == 1 && others[0] == defaultEnvironment {
		return "replaced by " + phrase.List(others)
	}
	return "no environment " + environment + " in certs.yaml"
}

// defaultEnvironment is the overlay of a certs.yaml without environments.
const defaultEnvironment = "default"

func (u *updater) file(name string, f File) {
	had, there := u.have[name]
	switch {
	case !there:
		u.write(name, Created, f.Data, f.Notes...)
	case bytes.Equal(had, f.Data), bytes.Equal(unixLines(had), f.Data):
		u.note(name, Unchanged, f.Notes...)
	case u.mayTouch(name):
		u.write(name, Updated, f.Data, f.Notes...)
	default:
		u.note(name, Kept, u.whyKept(name))
	}
}

// stale handles a file that is there and no longer wanted.
func (u *updater) stale(name string) {
	switch {
	case u.have.Origin(name) == Foreign:
	case u.mayTouch(name):
		u.remove(name)
	default:
		u.note(name, Kept, u.whyKept(name)+"; no longer generated")
	}
}

// mayTouch reports whether a file may be overwritten or deleted: one of ours,
// with force also if it was edited, somebody else's never.
func (u *updater) mayTouch(name string) bool {
	origin := u.have.Origin(name)
	return origin == Ours || origin == Edited && u.force
}

func (u *updater) whyKept(name string) string {
	if u.have.Origin(name) == Foreign {
		return "not written by kubectl certs"
	}
	return "edited by hand since it was generated"
}

// IsHandEdited reports whether a file is kept without force.
func (t Tree) IsHandEdited(name string) bool {
	return !(IsKustomization(name) && !isWhole(t[name])) && t.Origin(name) != Ours
}

// isWhole reports whether a file is written as a whole, unlike a kustomization
// that people add to.
func isWhole(data []byte) bool { return bytes.HasPrefix(unixLines(data), []byte(generatedLine)) }

// isShared reports whether a file that is there is a kustomization that people
// add to.
func (u *updater) isShared(name string) bool {
	_, whole := u.want.Files[name]
	return IsKustomization(name) && !whole && !isWhole(u.have[name])
}

// IsKustomization reports whether a path is that of a kustomization.
func IsKustomization(name string) bool {
	return slices.Contains(kustomizationNames, path.Base(name))
}

// kustomizationDirs are the folders that have or need a kustomization.
func (u *updater) kustomizationDirs() []string {
	dirs := sortedKeys(u.want.Kustomizations)
	for name := range u.have {
		if u.isShared(name) {
			dirs = append(dirs, path.Dir(name))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// kustomizationPath is the file that a folder has, kustomization.yaml if none.
func (u *updater) kustomizationPath(dir string) string {
	for _, name := range kustomizationNames {
		if _, there := u.have[path.Join(dir, name)]; there {
			return path.Join(dir, name)
		}
	}
	return path.Join(dir, kustomizationFile)
}

func (u *updater) kustomization(dir string) error {
	name := u.kustomizationPath(dir)
	want, wanted := u.want.Kustomizations[dir]
	had, there := u.have[name]
	switch {
	case !there:
		u.write(name, Created, want.Render())
	case OriginOf(had) == Ours && !wanted:
		u.remove(name)
	case OriginOf(had) == Ours:
		if fresh := want.Render(); !bytes.Equal(unixLines(had), fresh) {
			u.write(name, Updated, fresh)
		} else {
			u.note(name, Unchanged)
		}
	default:
		if err := u.edit(name, want, had); err != nil && wanted {
			return err
		}
	}
	return nil
}

func (u *updater) edit(name string, want Kustomization, had []byte) error {
	edited, err := want.Edit(had, func(entry string) bool { return u.isStale(path.Dir(name), entry) })
	switch {
	case err != nil:
		return err
	case !bytes.Equal(edited, had):
		u.write(name, Updated, edited, "your own entries and comments kept")
	case len(want.Resources) > 0:
		u.note(name, Unchanged)
	}
	return nil
}

// isStale reports whether an entry of a kustomization in dir names a file or a
// folder that we are deleting, or that is one of ours and nowhere to be found.
func (u *updater) isStale(dir, entry string) bool {
	target := path.Join(dir, entry)
	if u.gone[target] {
		return true
	}
	if !isBase(target) {
		return false
	}
	// An environment that is no more must not fall back to the bare base.
	if _, wanted := u.want.Kustomizations[dir]; !wanted && path.Dir(dir) == OverlaysDir {
		return true
	}
	_, wanted := u.want.Kustomizations[target]
	return !wanted && !u.hasOthers(target)
}

// hasOthers reports whether a folder has anything that we do not delete.
func (u *updater) hasOthers(dir string) bool {
	for name := range u.have {
		if strings.HasPrefix(name, dir+"/") && u.have.Origin(name) != Ours {
			return true
		}
	}
	return false
}
