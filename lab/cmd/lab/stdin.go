package main

import (
	"context"
	"io"
	"os"
)

// untilClosed ends the context when a pipe closes. Other files do not count:
// /dev/null would end it at once.
func untilClosed(ctx context.Context, f *os.File) context.Context {
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return ctx
	}
	ctx, stop := context.WithCancel(ctx)
	go func() {
		drain(f)
		stop()
	}()
	return ctx
}

// drain returns when a file ends.
func drain(f *os.File) { _, _ = io.Copy(io.Discard, f) }
