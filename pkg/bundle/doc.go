// Package bundle writes CA certificates in the files that nodes, clouds and
// kustomizations of applications take. It never puts one anywhere.
package bundle
