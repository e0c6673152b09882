// Package tlsprobe reads the certificates that a TLS server sends. It does not
// verify them.
package tlsprobe
