// Package generate writes the Kustomize tree of a certs.yaml, checks it, or prints
// its objects. What is in the tree, and whether it builds, package project decides.
package generate
