package filetree

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

// IsRefusal reports whether an error is about a file that a Root does not read.
// Its text has the path.
func IsRefusal(err error) bool {
	_, outside := errors.AsType[*OutsideError](err)
	_, git := errors.AsType[*GitFolderError](err)
	return outside || git
}
