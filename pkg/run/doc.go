// Package run issues and renews the certificates that are asked for: it
// compares demand with Secrets, decides, and carries orders through. It knows
// ACME servers, proofs of control and the cluster only as interfaces, and its
// only world is package time; it never reads a file and never opens a socket.
package run
