// Package rotation computes the progress of a CA rotation: which certificates
// need the old CA, which locations trust the new one, which pods have not read
// it yet, and which step is next. It never reads a file, the cluster or the
// clock, and holds no private key.
package rotation
