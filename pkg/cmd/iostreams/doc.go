// Package iostreams is what commands write to: results, messages, colour, tables
// and progress, all of it safe to show on a terminal. It does not know what a
// command does.
package iostreams
