package problem

import (
	"errors"
	"io/fs"
)

// Reason returns the error of a file without the path that a PathError adds.
func Reason(err error) error {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return wrong.Err
	}
	return err
}
