// Package diff shows what a change of certs.yaml would do to the tree or to a
// cluster, or how two trees differ. It changes neither, and how objects are compared
// is not decided here but in the package of the same name below pkg.
package diff
