// Package rotation decides how far the replacement of a CA is: which
// certificates need the old one, which locations trust the new one, which pods
// have not read it yet, and what may be done next. It never reads a file, the
// cluster or the clock, and holds no private key.
package rotation
