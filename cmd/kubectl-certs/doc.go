// Command kubectl-certs generates, compares and applies manifests for TLS
// on Kubernetes, and issues certificates. As a plugin it is called kubectl certs.
package main
