package cmdutil

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// lockTimeout is how long a command waits for another that writes to the same
// folder.
const lockTimeout = 10 * time.Second

// Locked runs a function that reads a file and writes to a folder while no other
// process writes to it. If the file does not exist, it only runs the function,
// which reports that; nothing is written then.
func (f *Factory) Locked(ctx context.Context, file, dir string, run func() error) error {
	if _, err := os.Stat(file); err != nil && file != "-" {
		return run()
	}
	waiting, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	lock, err := filetree.Acquire(waiting, dir, func() {
		f.IO.Messagef("waiting for another process that writes to %s", dir)
	})
	switch {
	case ctx.Err() != nil && err != nil:
		return ctx.Err()
	case errors.Is(err, filetree.ErrLocked):
		return hint.With(err, "run the command again when the other process has ended")
	case err != nil:
		return err
	}
	release := sync.OnceFunc(func() { _ = lock.Release() }) // the end of the process releases it too
	f.Process.OnAbandon(release)                            // but leaves folders that were made for it
	defer release()
	return run()
}
