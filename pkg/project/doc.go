// Package project turns a certs.yaml, the CA files that it names and the tree on
// the disk into what commands work with: environments, updates of the tree,
// checks, and the objects for a cluster. It never prints, and never connects to
// a cluster.
package project
