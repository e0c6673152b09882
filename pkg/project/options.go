package project

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// Stdin is the name of a file that is read from Options.Stdin.
const Stdin = "-"

// Options name a certs.yaml and the tree that belongs to it.
type Options struct {
	File        string // the certs.yaml
	Named       bool   // by the user: it may be anywhere, while a default must not be a link that leads out of its folder
	Dir         string // of the tree; "" is the folder of File
	Environment string // the only one to use; "" is all of them
	Stdin       io.Reader
	Limits      *limits.Budget // nil bounds each file by itself
	Now         time.Time      // when certificates are checked

	// Note takes notes on what was skipped, Report takes findings about CA
	// certificates that do not stop generate, and Progress is called before
	// something that may take long and returns what is called afterwards. Each
	// may be nil.
	Note     func(text string)
	Report   func(finding string)
	Progress func(what string) (done func())
}

// TreeDir returns the folder of the tree.
func (o Options) TreeDir() string {
	if o.Dir == "" {
		return filepath.Dir(o.File)
	}
	return o.Dir
}

func (o Options) progress(what string) (done func()) {
	if o.Progress == nil {
		return func() {}
	}
	return o.Progress(what)
}

// NotFoundError means that there is no certs.yaml.
type NotFoundError struct{ Err error }

func (e *NotFoundError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the file system.
func (e *NotFoundError) Unwrap() error { return e.Err }

// Parse reads the certs.yaml. The error is a *NotFoundError if there is none, and
// a *problem.Error for its content.
func Parse(o Options) (spec.Document, error) {
	name, data, err := o.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return spec.Document{}, &NotFoundError{err}
	case err != nil:
		return spec.Document{}, err
	}
	return spec.ParseWithin(o.Limits, name, data)
}

// read returns the content of the certs.yaml, and how errors name it.
func (o Options) read() (name string, data []byte, err error) {
	switch {
	case o.File == Stdin:
		data, err = filetree.ReadAll(o.Stdin, "stdin")
		return "stdin", data, err
	case o.Named:
		data, err = filetree.ReadFile(o.File)
	default:
		data, err = filetree.ReadBeside(o.File)
	}
	return o.File, data, err
}
