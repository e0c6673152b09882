package iostreams

import (
	"io"
	"sync"
)

// Recorder keeps the first error of a writer: most of what prints ignores it, and
// a command whose result is lost has failed.
type Recorder struct {
	io.Writer
	lock sync.Mutex
	err  error
}

// Write implements io.Writer.
func (r *Recorder) Write(data []byte) (int, error) {
	n, err := r.Writer.Write(data)
	if err != nil {
		r.lock.Lock()
		defer r.lock.Unlock()
		if r.err == nil {
			r.err = err
		}
	}
	return n, err
}

// Err returns the first error.
func (r *Recorder) Err() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.err
}
