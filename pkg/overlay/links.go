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

// noLinks is a file system in which no file is read by a link: kustomize has
// rules of its own for them.
type noLinks struct{ fs.FS }

// Stat implements fs.StatFS.
func (n noLinks) Stat(name string) (fs.FileInfo, error) { return fs.Stat(n.FS, name) }

// ReadFile implements fs.ReadFileFS.
func (n noLinks) ReadFile(name string) ([]byte, error) {
	if real, err := resolve(n.FS, name); err == nil && real != name {
		return nil, errNotSimple
	}
	return fs.ReadFile(n.FS, name)
}
