// Package kubetest is a Kubernetes API server for tests, in the process of the
// test. It keeps objects in memory, merges them with the field manager of real API
// servers, and records the requests that it serves.
//
// It has no defaults, no admission other than that of missing namespaces, and no
// validation. Tests that depend on it also run against a real API server.
package kubetest
