// Package overlay describes a Kustomize tree as values: which files a plan
// becomes, what must change in existing files, and which objects a tree builds to.
// It does not touch the disk.
package overlay
