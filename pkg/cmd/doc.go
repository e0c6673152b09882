// Package cmd is the command line: the root command, how a command ends, and how
// its errors are reported. What a command does is in a package of its own.
package cmd
