// Package panics turns a panic of a function into an error with its stack. It does
// not report it.
package panics
