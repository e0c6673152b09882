package filetree

import (
	"errors"
	"fmt"
	"os"
	"path"
)

// Write writes the files at the given slash paths below root, and removes the
// files in deletes and the folders that are empty then. It makes either all
// changes, or returns an error and restores the files; errors of the restore
// are joined to it. A crash can leave some files new, some old, and
// .kubectl-certs-* files, which Sweep removes, but no file is partly written.
// Use Acquire to exclude other processes.
//
// New files get mode 0644 minus the umask, existing files keep their permission
// bits. Deleting a missing file is not an error. Before any change Write
// reports all invalid paths at once: those that lead out of root, are or
// contain a symbolic link, are not a regular file or are below one, and those
// given twice. Root must exist.
func Write(root string, writes map[string][]byte, deletes []string) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := check(r, writes, deletes); err != nil {
		return err
	}
	b := newBatch(r, writes, deletes)
	err = b.stage()
	if err == nil {
		err = b.commit()
	}
	if err != nil {
		return errors.Join(err, b.rollback())
	}
	return nil
}

func check(r *os.Root, writes map[string][]byte, deletes []string) error {
	found := problems{}
	files := map[string]bool{}
	for name := range writes {
		files[name] = true
	}
	for _, name := range deletes {
		if _, both := writes[name]; both {
			found.add(fmt.Errorf("%s would be both written and deleted", name))
		}
		files[name] = true
	}
	for name := range files {
		if err := checkFile(r, name); err != nil {
			found.add(err)
			continue
		}
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if files[dir] {
				found.add(fmt.Errorf("%s would be both a file and a folder", dir))
			}
		}
	}
	return found.join()
}

// checkFile reports a path that is not, and cannot become, a regular file.
func checkFile(r *os.Root, name string) error {
	info, err := inspect(r, name)
	if err != nil {
		return err
	}
	if info != nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", name)
	}
	return nil
}
