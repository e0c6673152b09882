// Package pkg holds the packages of kubectl-certs and the test of their
// layers. It has no code.
package pkg
