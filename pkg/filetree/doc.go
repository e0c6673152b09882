// Package filetree reads trees of files from folders and Git revisions, and writes
// them to folders, all files or none, one process at a time. It does not decide
// what to write, does not follow symbolic links in a tree, and reads nothing
// outside of a Root.
package filetree
