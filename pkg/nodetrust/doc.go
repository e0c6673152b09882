// Package nodetrust writes CA certificates as the files that nodes, clouds and
// kustomizations of applications need. It does not put them there.
package nodetrust
