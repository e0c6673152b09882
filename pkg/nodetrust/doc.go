// Package nodetrust formats CA certificates as the files that nodes, clouds and
// kustomizations of applications need. It does not install them.
package nodetrust
