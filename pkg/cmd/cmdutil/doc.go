// Package cmdutil is what commands share: the factory that they are made from,
// their flags, exit codes and errors with hints. It knows nothing of what a
// command does.
package cmdutil
