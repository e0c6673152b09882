// Package cmdutil is what commands share: the factory that they are made from,
// their flags and their exit codes. It knows nothing of what a command does, nor
// of how its help looks.
package cmdutil
