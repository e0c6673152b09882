package panics

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Error is a recovered panic.
type Error struct {
	Value any    // may hold anything, secrets too, and is not printed
	Stack []byte // of the goroutine
}

// Error returns the message of a panic of the Go runtime, which names types and
// numbers only, and the type of any other value.
func (e *Error) Error() string {
	if err, ok := e.Value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic with a value of type %T", e.Value)
}

// Recovered makes an Error of what recover returned. It must be called by the
// deferred function.
func Recovered(value any) *Error { return &Error{value, debug.Stack()} }

// Guard returns f with its panics as errors, each an *Error.
func Guard(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = Recovered(value)
			}
		}()
		return f()
	}
}
