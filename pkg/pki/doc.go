// Package pki holds certificates and CA bundles as values: it parses them,
// finds them in text and describes them in a line. It never reads a file or
// the clock, and never makes, keeps or prints a private key.
package pki
