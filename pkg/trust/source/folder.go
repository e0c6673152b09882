package source

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Folder is a folder or file on disk.
type Folder struct {
	fsys  fs.FS
	name  string // in fsys
	shown string // in messages
}

// OpenFolder opens the folder of a file, to read what that file names. It has the
// restrictions of filetree.Open.
func OpenFolder(dir string) (Folder, error) { return openFolder(filetree.Open, dir) }

// opener is filetree.Open, or filetree.OpenNamed.
type opener func(dir string) (*filetree.Root, string, error)

func openFolder(open opener, dir string) (Folder, error) {
	fsys, name, err := open(dir)
	return Folder{fsys, name, dir}, err
}

// At returns the folder or file at a relative path.
func (f Folder) At(relative string) Folder {
	return Folder{f.fsys, path.Join(f.name, filepath.ToSlash(relative)), filepath.Join(f.shown, filepath.FromSlash(relative))}
}

// Read returns the contents of a file.
func (f Folder) Read() ([]byte, error) {
	data, err := fs.ReadFile(f.fsys, f.name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.shown, problem.Reason(err))
	}
	return data, nil
}
