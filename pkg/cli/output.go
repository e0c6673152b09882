package cli

import (
	"io"
	"sync"
)

// output keeps the first error of a writer: most of what prints ignores it, and a
// command whose result is lost has failed.
type output struct {
	io.Writer
	lock sync.Mutex
	err  error
}

// Write implements io.Writer.
func (o *output) Write(data []byte) (int, error) {
	n, err := o.Writer.Write(data)
	if err != nil {
		o.lock.Lock()
		defer o.lock.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// failed returns the first error.
func (o *output) failed() error {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.err
}
