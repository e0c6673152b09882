package lifecycle

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// TestWait: how long a process may take after a signal, and whether it counts as
// stopped.
func TestWait(t *testing.T) {
	const never = 1000 * time.Hour
	failed := errors.New("failed")
	sleeping := func(d time.Duration, err error) func(*Process) error {
		return func(*Process) error { time.Sleep(d); return err }
	}
	finishing := func(limit, d, then time.Duration, err error) func(*Process) error {
		return func(p *Process) error {
			if err := p.Finish(limit, func() error { time.Sleep(d); return err }); err != nil {
				return err
			}
			time.Sleep(then)
			return nil
		}
	}
	for name, tt := range map[string]struct {
		run     func(*Process) error
		after   time.Duration // when the signal arrives
		want    error
		took    time.Duration
		stopped bool
	}{
		"done before the signal":               {run: sleeping(time.Second, nil), after: never, took: time.Second},
		"failed before the signal":             {run: sleeping(time.Second, failed), after: never, took: time.Second, want: failed},
		"ends at once":                         {run: sleeping(time.Second, context.Canceled), after: 900 * time.Millisecond, took: time.Second, want: context.Canceled, stopped: true},
		"has read everything":                  {run: sleeping(time.Second, nil), after: 900 * time.Millisecond, took: time.Second, stopped: true},
		"blocks":                               {run: sleeping(never, nil), after: time.Second, took: 1500 * time.Millisecond, want: ErrAbandoned, stopped: true},
		"writes files slowly":                  {run: finishing(untilDone, time.Hour, 0, nil), after: time.Second, took: time.Hour},
		"has written and fails":                {run: finishing(untilDone, time.Minute, 0, failed), after: time.Second, took: time.Minute, want: failed, stopped: true},
		"has written and blocks":               {run: finishing(untilDone, time.Minute, never, nil), after: time.Second, took: time.Minute + Grace, want: ErrAbandoned, stopped: true},
		"had written before":                   {run: finishing(untilDone, time.Second, never, nil), after: time.Minute, took: time.Minute + Grace, want: ErrAbandoned, stopped: true},
		"finishes requests":                    {run: finishing(10*time.Second, 9*time.Second, 0, nil), after: time.Second, took: 9 * time.Second},
		"finishes requests, with work left":    {run: finishing(10*time.Second, 9*time.Second, 0, context.Canceled), after: time.Second, took: 9 * time.Second, want: context.Canceled, stopped: true},
		"does not finish requests":             {run: finishing(10*time.Second, never, 0, nil), after: time.Second, took: 11 * time.Second, want: ErrAbandoned, stopped: true},
		"starts nothing after the signal":      {run: func(p *Process) error { time.Sleep(time.Second); return finishing(untilDone, never, 0, nil)(p) }, after: 900 * time.Millisecond, took: time.Second, want: context.Canceled, stopped: true},
		"fails, but not because of the signal": {run: sleeping(time.Second, failed), after: 900 * time.Millisecond, took: time.Second, want: failed, stopped: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, signal := context.WithCancel(t.Context())
				defer signal()
				time.AfterFunc(tt.after, signal)
				p, _, _ := Watch(ctx, io.Discard, io.Discard)
				start := time.Now()
				err := p.Wait(func() error { return tt.run(p) })
				// Wait looks 50 times a second.
				if took := time.Since(start); took < tt.took || took > tt.took+50*time.Millisecond {
					t.Errorf("took %s, want %s", took, tt.took)
				}
				if err != tt.want || p.Stopped(err) != tt.stopped {
					t.Errorf("error %v, stopped %v, want %v, %v", err, p.Stopped(err), tt.want, tt.stopped)
				}
				time.Sleep(2 * never) // so that no goroutine is left
			})
		})
	}
}

// TestAbandonReleases: what must be released is, when a process that blocks is given up,
// and its writers fail from then on.
func TestAbandonReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, signal := context.WithCancel(t.Context())
		p, out, _ := Watch(ctx, io.Discard, io.Discard)
		released, block := 0, make(chan struct{})
		p.OnAbandon(func() { released++ })
		p.OnAbandon(func() { released++ })
		time.AfterFunc(time.Second, signal)
		err := p.Wait(func() error { <-block; return nil })
		p.Take()
		if _, wrote := out.Write([]byte("x")); err != ErrAbandoned || released != 2 || wrote != io.ErrClosedPipe {
			t.Errorf("error %v, released %d, write: %v", err, released, wrote)
		}
		close(block)
	})
}

// TestExitDespiteBlockedWriter: a writer without a reader does not keep the process from
// its end.
func TestExitDespiteBlockedWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		ctx, signal := context.WithCancel(t.Context())
		p, _, stderr := Watch(ctx, io.Discard, writer)
		time.AfterFunc(time.Second, signal)
		start := time.Now()
		err := p.Wait(func() error { _, err := io.WriteString(stderr, "not read"); return err })
		_, left := p.Take()
		Report(func() { time.Sleep(time.Hour) })
		if took := time.Since(start); err != ErrAbandoned || took > 2*time.Second || left != io.Discard {
			t.Errorf("%v after %s, and %v is left", err, took, left)
		}
		reader.Close()
		time.Sleep(time.Hour)
	})
}

// TestOtherContext: the end of a context that is not the process's is an error
// like any other.
func TestOtherContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p, _, _ := Watch(t.Context(), io.Discard, io.Discard)
	if err := p.Wait(ctx.Err); p.Stopped(err) || err != context.Canceled {
		t.Errorf("taken for a signal: %v", err)
	}
}

// TestFailedWritesDoNotCount: files count as written only when writing them succeeded.
func TestFailedWritesDoNotCount(t *testing.T) {
	p, _, _ := Watch(t.Context(), io.Discard, io.Discard)
	for i, step := range []struct {
		do   func()
		want bool
	}{
		{func() {}, false},
		{func() { p.SetUnwritten(true) }, true},
		{func() { _ = p.WriteFiles(func() error { return errors.New("disk full") }) }, true},
		{func() { _ = p.WriteFiles(func() error { return nil }) }, false},
	} {
		step.do()
		if got := p.Unwritten(); got != step.want {
			t.Errorf("step %d: unwritten %v, want %v", i, got, step.want)
		}
	}
}

// TestNilProcess: without signals, functions just run.
func TestNilProcess(t *testing.T) {
	var p *Process
	p.SetUnwritten(true)
	p.OnStop(func() string { return "" })
	p.OnAbandon(func() { t.Error("abandoned") })
	ran := 0
	run := func() error { ran++; return nil }
	_, _, _ = p.Wait(run), p.Finish(time.Second, run), p.WriteFiles(run)
	if ran != 3 || p.Stopped(nil) || p.Unwritten() {
		t.Errorf("ran %d, stopped %v, unwritten %v", ran, p.Stopped(nil), p.Unwritten())
	}
}
