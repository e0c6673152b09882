// Package usage decides who in a cluster needs a CA, and what the locations
// where CAs are trusted hold. It never reads a cluster, a file or the clock,
// and it holds no private key.
package usage
