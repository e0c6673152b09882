// Package pki parses certificates, finds them in text and describes them. It does
// not read files or the clock, and does not create, keep or print private keys.
package pki
