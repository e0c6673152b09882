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

// Guard returns a function that calls f and returns its panic as an *Error.
func Guard(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = &Error{value, debug.Stack()} // here, so that the stack is that of the panic
			}
		}()
		return f()
	}
}
