// Package bundle writes CA certificates in one canonical form of PEM. It does not
// decide which of them are trusted.
package bundle
