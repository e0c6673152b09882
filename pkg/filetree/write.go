package filetree

import (
	"errors"
	"fmt"
	"os"
	"path"
)

// Write makes the regular files at the given slash paths below root hold the
// given bytes, and removes the files in deletes with the folders that this
// leaves empty. Either all of it happens, or an error comes back and everything
// is as it was; an error that undoing met is joined to it. A crash half way can
// leave some files new, some old and .kubectl-certs-* files behind, but no file
// half written; Sweep removes what was left. Acquire excludes other processes.
//
// New files get mode 0644 less the umask, files there keep their permission
// bits. A delete of what does not exist is no error. Refused before anything is
// touched, all at once: a path that leads out of root, or is or passes a
// symbolic link, or is not a regular file, or passes one; and a path given
// twice over. Root must exist.
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
			found.add(fmt.Errorf("%s is to be both written and deleted", name))
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
				found.add(fmt.Errorf("%s is to be both a file and a folder", dir))
			}
		}
	}
	return found.join()
}

// checkFile refuses a path where a regular file can neither be nor come to be.
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
