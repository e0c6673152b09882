// Package cli is the command line: one file a command, each parsing its input,
// computing, and emitting. What a command decides, the packages below decide.
package cli
