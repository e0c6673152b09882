// Command kubectl-certs generates, compares and runs certificates on
// Kubernetes; as a plugin it is called kubectl certs.
package main
