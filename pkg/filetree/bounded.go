package filetree

import (
	"io"
	"io/fs"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// ReadAll reads a stream within the size limit. Errors have its name.
func ReadAll(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limits.MaxFile+1))
	if err == nil {
		err = sized(name, int64(len(data)))
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// readBounded reads an open file, which may grow during the read.
func readBounded(f fs.File, name string) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := sized(name, info.Size()); err != nil {
		return nil, err
	}
	return ReadAll(f, name)
}

func sized(name string, bytes int64) error {
	if err := limits.Size(bytes); err != nil {
		return &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return nil
}

// Guard returns a file system that reads only files within the size limit, and
// fails as soon as stop returns an error. It has the links and paths of the
// file system below.
func Guard(fsys fs.FS, stop func() error) fs.FS { return &guarded{fsys, stop} }

type guarded struct {
	fs.FS
	stop func() error
}

// Open implements fs.FS.
func (g *guarded) Open(name string) (fs.File, error) {
	if err := g.stop(); err != nil {
		return nil, err
	}
	return g.FS.Open(name)
}

// ReadFile implements fs.ReadFileFS.
func (g *guarded) ReadFile(name string) ([]byte, error) {
	f, err := g.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f, name)
}

// ReadDir implements fs.ReadDirFS.
func (g *guarded) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := g.stop(); err != nil {
		return nil, err
	}
	return fs.ReadDir(g.FS, name)
}

// Stat implements fs.StatFS.
func (g *guarded) Stat(name string) (fs.FileInfo, error) {
	if err := g.stop(); err != nil {
		return nil, err
	}
	return fs.Stat(g.FS, name)
}

// Resolve follows the links of the file system below, which may have none.
func (g *guarded) Resolve(name string) (string, error) {
	if below, ok := g.FS.(interface {
		Resolve(name string) (string, error)
	}); ok {
		return below.Resolve(name)
	}
	return name, nil
}

// Path returns the path of a file for messages.
func (g *guarded) Path(name string) string {
	if below, ok := g.FS.(interface{ Path(name string) string }); ok {
		return below.Path(name)
	}
	return name
}
