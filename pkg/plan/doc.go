// Package plan computes from a certs.yaml which objects must exist, in order,
// and which certificates are needed. It never encodes an object and never
// looks at files, clusters or the clock.
package plan
