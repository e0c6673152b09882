// Package panics converts a panic of a function to an error with its stack. It does not report
// it.
package panics
