// Package trust reads CA certificates in every form that people keep them in,
// judges them, and writes the one form that every consumer takes. It never
// touches a file, the network or the clock, and never keeps or shows a key.
package trust
