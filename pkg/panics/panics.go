package panics

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Error is a recovered panic.
type Error struct {
	Value any    // not printed: it may contain secrets
	Stack []byte // of the goroutine
}

// Error returns the message of a Go runtime panic, which contains only types and numbers, or
// the type of any other value.
func (e *Error) Error() string {
	if err, ok := e.Value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic with a value of type %T", e.Value)
}

// Recovered returns an Error for a value from recover. Call it in the deferred function.
func Recovered(value any) *Error { return &Error{value, debug.Stack()} }

// Guard returns a function that calls f and returns its panic as an *Error.
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
