// Package manifest writes and reads Kubernetes objects: one builder per kind,
// the one canonical YAML encoding, and the needs that any objects ask for.
// It never reads a file, talks to a cluster or looks at the clock.
package manifest
