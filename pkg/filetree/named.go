package filetree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// CheckName refuses what is not the name of a file or folder: nothing, and URLs,
// which kubectl downloads.
func CheckName(name string) error {
	switch lower := strings.ToLower(name); {
	case name == "":
		return errors.New("empty file name")
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
		return errors.New("URLs are not supported; download the file, or clone the repository, and use the copy")
	}
	return nil
}

// MissingError means that a file or folder of the user does not exist. It is
// fs.ErrNotExist.
type MissingError struct{ Name string }

func (e *MissingError) Error() string { return e.Name + ": no such file or folder" }

// Is implements errors.Is.
func (e *MissingError) Is(target error) bool { return target == fs.ErrNotExist }

// nameError is the error of reading a file or folder under the name that the user
// gave it.
func nameError(name string, err error) error {
	if refused := CheckName(name); refused != nil {
		return fmt.Errorf("%s: %w", name, refused)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return &MissingError{name}
	}
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: "read", Path: name, Err: wrong.Err}
	}
	return err // of a Root, with the path
}

// ReadFile is os.ReadFile for files within the size limit, including pipes and
// devices.
func ReadFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nameError(name, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a folder; a file is needed", name)
	}
	data, err := readBounded(f, name)
	if err != nil {
		return nil, nameError(name, err)
	}
	return data, nil
}
