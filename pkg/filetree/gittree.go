package filetree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// GitTree has the files of a git repository at one revision, for reading: an
// fs.FS, fs.ReadFileFS, fs.ReadDirFS and fs.StatFS, safe for concurrent use. It
// has no file modes and times. Symbolic links and submodules are listed, but
// opening one, or a path through one, is an error.
type GitTree struct {
	prefix string
	nodes  map[string]*node // by path, with "." for the root
	blobs  *blobs
}

var (
	_ fs.ReadFileFS = (*GitTree)(nil)
	_ fs.ReadDirFS  = (*GitTree)(nil)
	_ fs.StatFS     = (*GitTree)(nil)
)

// Git opens the repository that contains the folder dir at revision rev: a
// commit, a tag, a branch, HEAD~3 and so on. Names are read at once, and
// contents on first use, until ctx is done or the tree is closed. Uncommitted
// files are not in it. Errors:
//
//	git is not installed
//	DIR is not in a git repository
//	DIR is in a bare git repository, …
//	git revision "REV": not found in DIR
//	git revision "REV": not a single commit
//
// Git runs no commands from the repository's configuration and fetches nothing:
// an object that a partial clone lacks is an error.
func Git(ctx context.Context, dir, rev string) (*GitTree, error) {
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	commit, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("git revision %q: not found in %s", rev, dir)
	}
	if err != nil {
		return nil, err
	}
	hash := strings.TrimSpace(string(commit))
	if strings.HasPrefix(hash, "^") { // ^HEAD means all but HEAD
		return nil, fmt.Errorf("git revision %q: not a single commit", rev)
	}
	list, err := git(ctx, dir, "ls-tree", "-r", "-z", "--full-tree", hash)
	if err != nil {
		return nil, err
	}
	contents := &blobs{ctx: ctx, dir: dir, cache: map[string][]byte{}}
	return &GitTree{
		prefix: strings.TrimSuffix(strings.TrimSuffix(string(prefix), "\n"), "/"),
		nodes:  parseTree(string(list), contents),
		blobs:  contents,
	}, nil
}

// Prefix returns the slash path of Git's folder in the tree, "." if it is the
// root. The revision need not have it.
func (t *GitTree) Prefix() string {
	if t.prefix == "" {
		return "."
	}
	return t.prefix
}

// Close ends the git process that reads contents. After that reading a file
// that was not read before is fs.ErrClosed. It is not an error if the context
// has ended the process.
func (t *GitTree) Close() error { return t.blobs.close() }

// Open opens a file or folder.
func (t *GitTree) Open(name string) (fs.File, error) {
	n, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return &gitDir{gitInfo{node: n}, name, n.children}, nil
	}
	data, err := n.data()
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &gitFile{bytes.NewReader(data), gitInfo{n, int64(len(data))}}, nil
}

// ReadFile returns a file's contents, which the caller may modify.
func (t *GitTree) ReadFile(name string) ([]byte, error) {
	n, err := t.lookup("read", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errIsDir}
	}
	data, err := n.data()
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return bytes.Clone(data), nil
}

// ReadDir returns the entries of a folder, sorted by name.
func (t *GitTree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("is not a folder")}
	}
	return slices.Clone(n.children), nil
}

// Stat describes a file or folder. It reads a file, to get its size.
func (t *GitTree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := n.Info()
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return info, nil
}

func (t *GitTree) lookup(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	for at := name; at != "."; at = path.Dir(at) {
		if n := t.nodes[at]; n != nil && n.mode&link != 0 {
			return nil, &fs.PathError{Op: op, Path: name, Err: n.unreadable(at)}
		}
	}
	n := t.nodes[name]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}
