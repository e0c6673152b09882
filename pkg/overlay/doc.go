// Package overlay is a Kustomize tree as values: which files a plan becomes,
// what must change in the files that are there, and what a tree builds to.
// It never touches the disk.
package overlay
