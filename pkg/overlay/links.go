package overlay

import "io/fs"

// resolver is a file system with symbolic links: Resolve returns the name that a
// file has when they are followed.
type resolver interface {
	Resolve(name string) (string, error)
}

func resolve(fsys fs.FS, name string) (string, error) {
	if r, ok := fsys.(resolver); ok {
		return r.Resolve(name)
	}
	return name, nil
}

// shown is the name of a file for messages. A file system on the disk has paths
// that users know.
func shown(fsys fs.FS, name string) string {
	if named, ok := fsys.(interface{ Path(name string) string }); ok {
		return named.Path(name)
	}
	return name
}
