package lifecycle

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	// Grace is how long a command may take to end after a signal while it
	// changes nothing.
	Grace = 500 * time.Millisecond
	// ChangeTimeout is how long a command that changes a cluster may take.
	ChangeTimeout = 10 * time.Second
	// untilDone is for files: a half written tree is worse than a wait, which a
	// second signal ends.
	untilDone = time.Duration(math.MaxInt64)
)

// RequestTimeout is how long requests may take after a signal if everything may
// take the given time. The rest is for what follows them, such as a Lease.
func RequestTimeout(all time.Duration) time.Duration { return all * 7 / 10 }

// WithSignals returns a context that ends with the first SIGINT or SIGTERM. The
// second one ends the process at once.
func WithSignals(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Process is a command that a signal can stop. A nil Process is never stopped.
type Process struct {
	signal   context.Context
	out, err outlet

	lock      sync.Mutex
	open      int           // functions under way that Finish runs
	limit     time.Duration // the longest of theirs
	closed    time.Time     // when the last of them ended
	finished  bool          // the last of them did all of its work
	summary   func() string // of what was done, nil for none
	unwritten bool          // the command writes files, and has not yet
	abandoned []func()      // to be called where Wait does not wait
}

// Watch returns a process that the end of a context stops, and the writers that
// it is to use. They fail when the process has been given up.
func Watch(signal context.Context, out, err io.Writer) (p *Process, watchedOut, watchedErr io.Writer) {
	p = &Process{signal: signal, out: outlet{w: out}, err: outlet{w: err}}
	return p, &p.out, &p.err
}

// Finish runs a function that a signal does not cut off. After the signal it may
// take as long as the limit, and it is not started any more.
func (p *Process) Finish(limit time.Duration, f func() error) error {
	if p == nil {
		return f()
	}
	if err := p.begin(limit); err != nil {
		return err
	}
	err := f()
	p.end(err == nil)
	return err
}

// WriteFiles runs a function that writes files, all or none.
func (p *Process) WriteFiles(f func() error) error {
	return p.Finish(untilDone, func() error {
		err := f()
		p.SetUnwritten(err != nil)
		return err
	})
}

// OnStop sets what says what was done and what to do about the rest, for the case
// that a signal stops the process. The function is called at any time, from
// another goroutine.
func (p *Process) OnStop(summary func() string) {
	if p != nil {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.summary = summary
	}
}

// SetUnwritten notes whether the command has still to write its files.
func (p *Process) SetUnwritten(yet bool) {
	if p != nil {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.unwritten = yet
	}
}

// Unwritten reports whether the command has still to write its files.
func (p *Process) Unwritten() bool {
	if p == nil {
		return false
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.unwritten
}

// OnAbandon adds a function that is called when Wait does not wait any longer.
// The command has then started nothing that Finish runs, and will not.
func (p *Process) OnAbandon(f func()) {
	if p != nil {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.abandoned = append(p.abandoned, f)
	}
}

func (p *Process) begin(limit time.Duration) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	if err := p.signal.Err(); err != nil {
		return err
	}
	p.open++
	p.limit, p.finished = max(p.limit, limit), false
	return nil
}

func (p *Process) end(finished bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.open--
	p.closed, p.finished = time.Now(), finished
}

func (p *Process) abandon() {
	p.lock.Lock()
	functions := p.abandoned
	p.lock.Unlock()
	for _, f := range functions {
		f()
	}
}

// ErrAbandoned is the error of Wait if the command still runs.
var ErrAbandoned = errors.New("the command is still running")

// Wait runs the command until it ends, or until a signal has stopped it.
func (p *Process) Wait(run func() error) error {
	if p == nil {
		return run()
	}
	done := make(chan error, 1)
	go func() { done <- run() }()
	select {
	case err := <-done:
		return err
	case <-p.signal.Done():
	}
	stopped, ticks := time.Now(), time.NewTicker(20*time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case err := <-done:
			return err
		case now := <-ticks.C:
			if now.After(p.deadline(stopped)) {
				p.abandon()
				return ErrAbandoned
			}
		}
	}
}

// deadline is when the command must have ended.
func (p *Process) deadline(stopped time.Time) time.Time {
	p.lock.Lock()
	defer p.lock.Unlock()
	switch {
	case p.open > 0:
		return stopped.Add(p.limit)
	case p.closed.After(stopped): // it still reports
		return p.closed.Add(Grace)
	}
	return stopped.Add(Grace)
}

// Stopped reports whether a command that ended with an error ended because of the
// signal, and not just after it had done all of its work.
func (p *Process) Stopped(err error) bool {
	if p == nil {
		return false
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.signal.Err() != nil && (!p.finished || errors.Is(err, ErrAbandoned))
}

// Summary says what was done when a signal stopped the process; false if the
// command has not set OnStop.
func (p *Process) Summary() (string, bool) {
	p.lock.Lock()
	summary := p.summary
	p.lock.Unlock()
	if summary == nil {
		return "", false
	}
	return summary(), true
}

// Take ends the command's use of its writers and returns what they wrote to. A
// writer in which a write hangs is replaced by one that discards.
func (p *Process) Take() (out, err io.Writer) { return p.out.take(), p.err.take() }

// Report runs a function that writes to a writer which may hang, and waits for it
// only for a moment.
func Report(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(Grace / 4):
	}
}
