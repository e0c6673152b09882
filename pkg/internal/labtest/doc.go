// Package labtest starts the servers of the lab for tests. It does not build
// them.
package labtest
