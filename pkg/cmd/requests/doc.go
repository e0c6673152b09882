// Package requests is what commands about requested certificates share: the
// flags that say where certificates are requested, and the operator that reads
// them. It prints nothing but notes.
package requests
