package cli

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

const (
	// readGrace is how long a command may take to end after a signal while it
	// changes nothing.
	readGrace = 500 * time.Millisecond
	// shutdownTimeout is how long a command that changes a cluster may take.
	shutdownTimeout = 10 * time.Second
	// untilDone is for files: a half written tree is worse than a wait, which a
	// second signal ends.
	untilDone = time.Duration(math.MaxInt64)
)

// WithSignals returns a context that ends with the first SIGINT or SIGTERM. The
// second one ends the process at once.
func WithSignals(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// ending is how a command ends when a signal stops it. Main waits for it for
// readGrace, or for what the command must finish, and returns then even if the
// command still runs: it may wait for a pipe, or compute.
type ending struct {
	signal   context.Context
	out, err outlet

	lock      sync.Mutex
	open      int           // functions under way that Env.finish runs
	limit     time.Duration // the longest of theirs
	closed    time.Time     // when the last of them ended
	finished  bool          // the last of them did all of its work
	account   func() string // what was done, nil for nothing to say
	unwritten bool          // the command writes files, and has not yet
	left      []func()      // to be done where Main does not wait
}

// watched returns an Env whose commands end as the ending says.
func watched(signal context.Context, env Env) Env {
	e := &ending{signal: signal, out: outlet{w: env.Out}, err: outlet{w: env.Err}}
	env.ending, env.Out, env.Err = e, &e.out, &e.err
	return env
}

// finish runs a function that a signal does not cut off. After the signal it
// may take as long as limit says, and it is not begun any more.
func (e Env) finish(limit time.Duration, f func() error) error {
	if e.ending == nil {
		return f()
	}
	if err := e.ending.begin(limit); err != nil {
		return err
	}
	err := f()
	e.ending.end(err == nil)
	return err
}

// writeFiles runs a function that writes files, all or none.
func (e Env) writeFiles(f func() error) error {
	return e.finish(untilDone, func() error {
		err := f()
		e.willWrite(err != nil)
		return err
	})
}

// onStop says what a signal stops: what is done, and what to do about the rest.
// The function is called at any time, from another goroutine.
func (e Env) onStop(account func() string) {
	if e.ending == nil {
		return
	}
	e.ending.lock.Lock()
	defer e.ending.lock.Unlock()
	e.ending.account = account
}

// willWrite notes whether the command is still to write its files.
func (e Env) willWrite(yet bool) {
	if e.ending == nil {
		return
	}
	e.ending.lock.Lock()
	defer e.ending.lock.Unlock()
	e.ending.unwritten = yet
}

// nothingWritten is what to add to an error of a command that writes files.
func (e Env) nothingWritten() string {
	if e.ending == nil {
		return ""
	}
	e.ending.lock.Lock()
	defer e.ending.lock.Unlock()
	if e.ending.unwritten {
		return ", nothing written"
	}
	return ""
}

func (e *ending) begin(limit time.Duration) error {
	e.lock.Lock()
	defer e.lock.Unlock()
	if err := e.signal.Err(); err != nil {
		return err
	}
	e.open++
	e.limit, e.finished = max(e.limit, limit), false
	return nil
}

func (e *ending) end(finished bool) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.open--
	e.closed, e.finished = time.Now(), finished
}

// onLeave says what is to be done when Main does not wait for the command: it has
// begun nothing that Env.finish runs, and begins nothing any more.
func (e Env) onLeave(f func()) {
	if e.ending == nil {
		return
	}
	e.ending.lock.Lock()
	defer e.ending.lock.Unlock()
	e.ending.left = append(e.ending.left, f)
}

func (e *ending) leave() {
	e.lock.Lock()
	left := e.left
	e.lock.Unlock()
	for _, f := range left {
		f()
	}
}

// errLeft says that Main did not wait for the command any longer.
var errLeft = errors.New("the command is still running")

// wait runs the command until it ends, or until a signal has stopped it.
func (e *ending) wait(run func() error) error {
	if e == nil {
		return run()
	}
	done := make(chan error, 1)
	go func() { done <- run() }()
	select {
	case err := <-done:
		return err
	case <-e.signal.Done():
	}
	stopped, ticks := time.Now(), time.NewTicker(20*time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case err := <-done:
			return err
		case now := <-ticks.C:
			if now.After(e.last(stopped)) {
				e.leave()
				return errLeft
			}
		}
	}
}

// last is when the command must have ended.
func (e *ending) last(stopped time.Time) time.Time {
	e.lock.Lock()
	defer e.lock.Unlock()
	switch {
	case e.open > 0:
		return stopped.Add(e.limit)
	case e.closed.After(stopped): // it still reports
		return e.closed.Add(readGrace)
	}
	return stopped.Add(readGrace)
}

// stopped reports whether a command has ended because of the signal, and not
// just after it had done all of its work.
func (e *ending) stopped(err error) bool {
	if e == nil {
		return false
	}
	e.lock.Lock()
	defer e.lock.Unlock()
	return e.signal.Err() != nil && (!e.finished || errors.Is(err, errLeft))
}

// lastWords reports a command that a signal has stopped. It does not wait for
// an output that nobody reads.
func (e *ending) lastWords(env Env, name string, err error) {
	env.Out, env.Err = e.out.take(), e.err.take()
	said := make(chan struct{})
	go func() {
		defer close(said)
		if env.Progress {
			_, _ = io.WriteString(env.Err, "\r\x1b[K")
		}
		for _, one := range problem.Split(err) { // what is cancelled is not worth a line, what failed before is
			if one != nil && !errors.Is(one, errLeft) && !errors.Is(one, errFound) && !errors.Is(one, context.Canceled) {
				report(env, name, one)
			}
		}
		env.say("%s", env.lastWord())
	}()
	select {
	case <-said:
	case <-time.After(readGrace / 4):
	}
}

func (e Env) lastWord() string {
	e.ending.lock.Lock()
	account := e.ending.account
	e.ending.lock.Unlock()
	if account == nil {
		return "stopped" + e.nothingWritten()
	}
	return "stopped: " + account()
}

// outlet is an output that is taken from a command which still runs.
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

// take ends writes, and returns what they went to. While one hangs, that is
// nothing.
func (o *outlet) take() io.Writer {
	o.taken.Store(true)
	for range 5 {
		if o.lock.TryLock() {
			defer o.lock.Unlock()
			return o.w
		}
		time.Sleep(readGrace / 50)
	}
	return io.Discard
}
