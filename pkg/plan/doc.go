// Package plan computes the objects and certificates that a certs.yaml needs.
// It does not encode objects, and does not read files, clusters or the clock.
package plan
