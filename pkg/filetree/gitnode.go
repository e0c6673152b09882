package filetree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// node is a file, folder, link or submodule in a git tree, and its entry in
// the folder above.
type node struct {
	name     string
	mode     fs.FileMode
	hash     string // "" for a folder
	blobs    *blobs
	children []fs.DirEntry // nodes sorted by name
}

func (n *node) Name() string      { return n.name }
func (n *node) IsDir() bool       { return n.mode.IsDir() }
func (n *node) Type() fs.FileMode { return n.mode.Type() }

// Info reads a file, to get its size.
func (n *node) Info() (fs.FileInfo, error) {
	if !n.mode.IsRegular() {
		return gitInfo{node: n}, nil
	}
	data, err := n.data()
	return gitInfo{n, int64(len(data))}, err
}

func (n *node) data() ([]byte, error) { return n.blobs.read(n.hash) }

func (n *node) unreadable(at string) error {
	if n.mode&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s is a symbolic link, which is not followed in a git revision", at)
	}
	return fmt.Errorf("%s is a git submodule, whose files are not in this repository", at)
}

// parseTree parses the output of git ls-tree -r -z: "mode type hash\tpath\0"
// for each file. It skips paths that are invalid in an fs.FS, such as those not
// in UTF-8.
func parseTree(list string, b *blobs) map[string]*node {
	nodes := map[string]*node{".": newFolder(".")}
	for line := range strings.SplitSeq(list, "\x00") {
		meta, name, _ := strings.Cut(line, "\t")
		fields := strings.Fields(meta)
		if len(fields) != 3 || !fs.ValidPath(name) || name == "." {
			continue
		}
		n := &node{name: path.Base(name), mode: 0o444, hash: fields[2], blobs: b}
		switch fields[0] {
		case "120000":
			n.mode |= fs.ModeSymlink
		case "160000":
			n.mode |= fs.ModeIrregular
		}
		attach(nodes, name, n)
	}
	for _, n := range nodes {
		slices.SortFunc(n.children, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return nodes
}

func newFolder(name string) *node { return &node{name: path.Base(name), mode: fs.ModeDir | 0o555} }

// attach adds a node to its folders, and creates missing ones.
func attach(nodes map[string]*node, name string, n *node) {
	nodes[name] = n
	dir := path.Dir(name)
	if nodes[dir] == nil {
		attach(nodes, dir, newFolder(dir))
	}
	nodes[dir].children = append(nodes[dir].children, n)
}

// gitInfo is the fs.FileInfo of a node.
type gitInfo struct {
	*node
	size int64
}

func (i gitInfo) Size() int64        { return i.size }
func (i gitInfo) Mode() fs.FileMode  { return i.mode }
func (i gitInfo) ModTime() time.Time { return time.Time{} }
func (i gitInfo) Sys() any           { return nil }

type gitFile struct {
	*bytes.Reader
	info gitInfo
}

func (f *gitFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *gitFile) Close() error               { return nil }

type gitDir struct {
	info gitInfo
	path string
	rest []fs.DirEntry // not yet returned by ReadDir
}

func (d *gitDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *gitDir) Close() error               { return nil }

var errIsDir = errors.New("is a folder")

func (d *gitDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *gitDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.rest)
	} else if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	entries := slices.Clone(d.rest[:n])
	d.rest = d.rest[n:]
	return entries, nil
}
