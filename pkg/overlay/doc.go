// Package overlay lays out a plan as a Kustomize tree, computes the changes to
// an existing tree, and builds trees to objects. It does not write to the disk.
package overlay
