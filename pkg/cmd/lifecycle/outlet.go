package lifecycle

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// outlet is a writer that can be taken from a command which still runs.
type outlet struct {
	w     io.Writer
	lock  sync.Mutex
	taken atomic.Bool
}

// Write implements io.Writer.
func (o *outlet) Write(p []byte) (int, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.taken.Load() {
		return 0, io.ErrClosedPipe
	}
	return o.w.Write(p)
}

// take ends writes, and returns what they went to. While one hangs, that is a
// writer that discards.
func (o *outlet) take() io.Writer {
	o.taken.Store(true)
	for range 5 {
		if o.lock.TryLock() {
			defer o.lock.Unlock()
			return o.w
		}
		time.Sleep(Grace / 50)
	}
	return io.Discard
}
