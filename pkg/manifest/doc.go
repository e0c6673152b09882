// Package manifest builds, encodes and parses Kubernetes objects: a builder for
// each kind, one canonical YAML encoding, and the certificates that objects
// request. It does not read files, clusters or the clock.
package manifest
