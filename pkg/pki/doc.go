// Package pki parses certificates, finds them in text and describes them. It never
// reads files or the clock, and never creates, keeps or prints private keys.
package pki
