// Package plan computes from a certs.yaml which objects must exist and which
// certificates are needed. It does not encode objects, and does not read files,
// clusters or the clock.
package plan
