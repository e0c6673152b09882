// Package output is the flag -o of all commands: which formats a command has,
// and how a result is written in them. It does not draw tables, which every
// command has of its own.
package output
