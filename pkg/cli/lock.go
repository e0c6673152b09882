package cli

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
)

// lockTimeout is how long a command waits for another that writes to the same
// folder.
const lockTimeout = 10 * time.Second

// locked runs a function that reads a file and writes to a folder while no other
// process writes to it. Without the file it only runs the function, which
// reports that; nothing is written then.
func locked(ctx context.Context, env Env, file, dir string, run func() error) error {
	if _, err := os.Stat(file); err != nil && file != "-" {
		return run()
	}
	waiting, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	lock, err := disk.Acquire(waiting, dir, func() {
		env.say("waiting for another process that writes to %s", dir)
	})
	switch {
	case ctx.Err() != nil && err != nil:
		return ctx.Err()
	case errors.Is(err, disk.ErrLocked):
		return withHint(err, "run the command again when the other process has ended")
	case err != nil:
		return err
	}
	release := sync.OnceFunc(func() { _ = lock.Release() }) // the end of the process releases it too
	env.onLeave(release)                                    // but leaves folders that were made for it
	defer release()
	return run()
}
