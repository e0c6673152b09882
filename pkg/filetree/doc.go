// Package filetree reads trees of files from folders and Git revisions, and writes
// them to folders, all files or none, one process at a time. It does not decide
// what to write, does not follow symbolic links in a tree, and reads nothing
// outside of a Root.
//
// Git itself reads revisions, because go-git does not read all repositories and
// revisions that git reads: it has no multi-pack indexes and no git rev-parse.
// Libraries for atomic writes, such as renameio, replace one file, not a tree.
package filetree
