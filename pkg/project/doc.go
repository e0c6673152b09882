// Package project reads a certs.yaml, its CA files and the tree on the disk,
// and returns environments, updates of the tree, checks, and the objects for a
// cluster. It does not print, and does not connect to a cluster.
package project
