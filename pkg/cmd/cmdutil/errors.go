package cmdutil

import "errors"

// Exit codes of every command.
const (
	ExitDone   = 0 // done, and nothing to report
	ExitFound  = 1 // differences, findings, out of date
	ExitFailed = 2
)

// ErrFound ends a command with ExitFound. The command has printed what it found.
var ErrFound = errors.New("found")
