// Package verify is the command that compares the CA certificates in Git with
// what a cluster trusts. It changes nothing, and does not decide what a location
// should hold, which pkg/project and pkg/trust/cluster do.
package verify
