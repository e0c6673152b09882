package overlay

import "io/fs"

// resolver is a file system with symbolic links: Resolve returns the name of a
// file after following them.
type resolver interface {
	Resolve(name string) (string, error)
}

func resolve(fsys fs.FS, name string) (string, error) {
	if r, ok := fsys.(resolver); ok {
		return r.Resolve(name)
	}
	return name, nil
}

// shown returns the name of a file for messages. A file system on the disk has
// paths that the user can open.
func shown(fsys fs.FS, name string) string {
	if named, ok := fsys.(interface{ Path(name string) string }); ok {
		return named.Path(name)
	}
	return name
}
