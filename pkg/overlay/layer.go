package overlay

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Layer is a file system with an update applied to the tree at root, as if it
// had been written.
func Layer(under fs.FS, root string, u Update) fs.FS {
	l := layer{under: under, files: map[string][]byte{}, deleted: map[string]bool{}, dirs: map[string]bool{}}
	for name, data := range u.Writes {
		full := path.Join(root, name)
		l.files[full] = data
		for dir := path.Dir(full); !l.dirs[dir]; dir = path.Dir(dir) {
			l.dirs[dir] = true
		}
	}
	for _, name := range u.Deletes {
		l.deleted[path.Join(root, name)] = true
	}
	return &l
}

type layer struct {
	under   fs.FS
	files   map[string][]byte
	deleted map[string]bool
	dirs    map[string]bool
}

// Open implements fs.FS. Existing folders list the files of the layer below.
func (l *layer) Open(name string) (fs.File, error) {
	if data, written := l.files[name]; written {
		return &memoryFile{info: memoryInfo{name: path.Base(name), size: int64(len(data))}, Reader: bytes.NewReader(data)}, nil
	}
	if l.deleted[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := l.under.Open(name)
	if err != nil && l.dirs[name] {
		return &memoryFile{info: memoryInfo{name: path.Base(name), dir: true}, Reader: strings.NewReader("")}, nil
	}
	return f, err
}

// Resolve follows links of the layer below; an update has none.
func (l *layer) Resolve(name string) (string, error) {
	if _, written := l.files[name]; written || l.dirs[name] {
		return name, nil
	}
	return resolve(l.under, name)
}

// Path returns the path of a file for messages.
func (l *layer) Path(name string) string { return shown(l.under, name) }

type memoryFile struct {
	io.Reader
	info memoryInfo
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryInfo struct {
	name string
	size int64
	dir  bool
}

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return i.size }
func (i memoryInfo) IsDir() bool        { return i.dir }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) Sys() any           { return nil }
func (i memoryInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
