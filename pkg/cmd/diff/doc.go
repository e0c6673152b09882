// Package diff shows what a change of certs.yaml would do to the tree or to a
// cluster, or how two trees differ. It changes neither. How objects are compared
// and shown is in package diff above the commands' folder.
package diff
