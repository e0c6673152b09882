package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// TestEnding: how long Main waits for a command after a signal, and what it
// makes of its end.
func TestEnding(t *testing.T) {
	const never = 1000 * time.Hour
	failed := errors.New("failed")
	sleepy := func(d time.Duration, err error) func(Env) error {
		return func(Env) error { time.Sleep(d); return err }
	}
	finishing := func(limit, d, then time.Duration, err error) func(Env) error {
		return func(env Env) error {
			if err := env.finish(limit, func() error { time.Sleep(d); return err }); err != nil {
				return err
			}
			time.Sleep(then)
			return nil
		}
	}
	for name, tt := range map[string]struct {
		run     func(Env) error
		after   time.Duration // of the start, in seconds, comes the signal
		want    error
		took    time.Duration
		stopped bool
	}{
		"done before the signal":               {run: sleepy(time.Second, nil), after: never, took: time.Second},
		"failed before the signal":             {run: sleepy(time.Second, failed), after: never, took: time.Second, want: failed},
		"ends at once":                         {run: sleepy(time.Second, context.Canceled), after: 900 * time.Millisecond, took: time.Second, want: context.Canceled, stopped: true},
		"has read all":                         {run: sleepy(time.Second, nil), after: 900 * time.Millisecond, took: time.Second, stopped: true},
		"blocks":                               {run: sleepy(never, nil), after: time.Second, took: 1500 * time.Millisecond, want: errLeft, stopped: true},
		"writes files, slowly":                 {run: finishing(untilDone, time.Hour, 0, nil), after: time.Second, took: time.Hour},
		"has written, and fails":               {run: finishing(untilDone, time.Minute, 0, failed), after: time.Second, took: time.Minute, want: failed, stopped: true},
		"has written, and blocks":              {run: finishing(untilDone, time.Minute, never, nil), after: time.Second, took: time.Minute + readGrace, want: errLeft, stopped: true},
		"had written before":                   {run: finishing(untilDone, time.Second, never, nil), after: time.Minute, took: time.Minute + readGrace, want: errLeft, stopped: true},
		"finishes requests":                    {run: finishing(10*time.Second, 9*time.Second, 0, nil), after: time.Second, took: 9 * time.Second},
		"finishes requests and is not done":    {run: finishing(10*time.Second, 9*time.Second, 0, context.Canceled), after: time.Second, took: 9 * time.Second, want: context.Canceled, stopped: true},
		"does not finish requests":             {run: finishing(10*time.Second, never, 0, nil), after: time.Second, took: 11 * time.Second, want: errLeft, stopped: true},
		"begins nothing after the signal":      {run: func(env Env) error { time.Sleep(time.Second); return finishing(untilDone, never, 0, nil)(env) }, after: 900 * time.Millisecond, took: time.Second, want: context.Canceled, stopped: true},
		"fails, but not because of the signal": {run: sleepy(time.Second, failed), after: 900 * time.Millisecond, took: time.Second, want: failed, stopped: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, signal := context.WithCancel(t.Context())
				defer signal()
				time.AfterFunc(tt.after, signal)
				env := watched(ctx, Env{Out: io.Discard, Err: io.Discard})
				start := time.Now()
				err := env.ending.wait(func() error { return tt.run(env) })
				// Main looks 50 times a second.
				if took := time.Since(start); took < tt.took || took > tt.took+50*time.Millisecond {
					t.Errorf("took %s, want %s", took, tt.took)
				}
				if err != tt.want || env.ending.stopped(err) != tt.stopped {
					t.Errorf("error %v, stopped %v, want %v, %v", err, env.ending.stopped(err), tt.want, tt.stopped)
				}
				time.Sleep(2 * never) // so that the bubble is empty
			})
		})
	}
}

func TestLastWords(t *testing.T) {
	for name, tt := range map[string]struct {
		env  func(Env)
		err  error
		want string
	}{
		"reads":             {err: context.Canceled, want: "stopped\n"},
		"found something":   {err: errFound, want: "stopped\n"},
		"was left":          {err: errLeft, want: "stopped\n"},
		"wrapped":           {err: fmt.Errorf("read: %w", context.Canceled), want: "stopped\n"},
		"failed meanwhile":  {err: withHint(errors.New("no such file"), "use kubectl certs"), want: "error: no such file\nhint: use kubectl certs\nstopped\n"},
		"before it writes":  {env: func(env Env) { env.willWrite(true) }, err: context.Canceled, want: "stopped, nothing written\n"},
		"after it has":      {env: func(env Env) { env.willWrite(true); _ = env.writeFiles(func() error { return nil }) }, err: errLeft, want: "stopped\n"},
		"writing failed":    {env: func(env Env) { env.willWrite(true); _ = env.writeFiles(func() error { return errFound }) }, err: errFound, want: "stopped, nothing written\n"},
		"says what is done": {env: func(env Env) { env.onStop(func() string { return "3 of 12 done" }) }, err: context.Canceled, want: "stopped: 3 of 12 done\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var talk bytes.Buffer
			env := watched(t.Context(), Env{Out: io.Discard, Err: &talk})
			if tt.env != nil {
				tt.env(env)
			}
			env.ending.lastWords(env, "kubectl certs", tt.err)
			if diff := cmp.Diff(tt.want, talk.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := env.Err.Write([]byte("x")); err != io.ErrClosedPipe {
				t.Errorf("a command that was left still writes: %v", err)
			}
		})
	}
}

// TestLastWordsBlocked: an output that nobody reads does not keep a command
// from its end.
func TestLastWordsBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		ctx, signal := context.WithCancel(t.Context())
		env := watched(ctx, Env{Out: io.Discard, Err: writer})
		time.AfterFunc(time.Second, signal)
		start := time.Now()
		err := env.ending.wait(func() error { env.say("nobody reads this"); return nil })
		env.ending.lastWords(env, "kubectl certs", err)
		if took := time.Since(start); err != errLeft || took > 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
		reader.Close()
	})
}

// TestCancelledElsewhere: the end of a context that is not the command's is an
// error like any other.
func TestCancelledElsewhere(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	env := watched(t.Context(), Env{Out: io.Discard, Err: io.Discard})
	if err := env.ending.wait(ctx.Err); env.ending.stopped(err) || err != context.Canceled {
		t.Errorf("taken for a signal: %v", err)
	}
}

func TestTally(t *testing.T) {
	at := func(kind run.Kind, name string) run.Event {
		return run.Event{Kind: kind, Entry: run.Entry{Ref: run.Ref{Namespace: "shop", Name: name}}}
	}
	plan := []run.Event{at(run.Planned, "a"), at(run.Planned, "b"), at(run.Planned, "c"), {Kind: run.Begun}}
	for name, tt := range map[string]struct {
		follows bool
		lease   string
		events  []run.Event
		want    string
	}{
		"nothing yet":     {want: "nothing ordered"},
		"planned":         {events: plan, want: "0 of 3 certificates issued; run the command again to resume"},
		"all done":        {events: append(plan, at(run.Done, "a"), at(run.Done, "b"), at(run.Failed, "c")), want: "2 of 3 certificates issued, 1 failed"},
		"interrupted":     {events: append(plan, at(run.Advanced, "a"), at(run.Done, "a"), at(run.Advanced, "b"), at(run.Interrupted, "b")), want: "1 of 3 certificates issued, 1 order interrupted; run the command again to resume"},
		"held after all":  {events: append(plan, at(run.Held, "a")), want: "0 of 2 certificates issued; run the command again to resume"},
		"not in time":     {lease: "shop/run", events: append(plan, at(run.Advanced, "b")), want: "0 of 3 certificates issued, 1 order interrupted; run the command again to resume; not finished in time: the order for Secret shop/b, the Lease shop/run"},
		"follows, idle":   {follows: true, events: append(plan, at(run.Done, "a"), at(run.Done, "a")), want: "2 certificates issued"},
		"follows, orders": {follows: true, events: append(plan, at(run.Advanced, "a"), at(run.Interrupted, "a")), want: "0 certificates issued, 1 order interrupted; the next run resumes them"},
	} {
		t.Run(name, func(t *testing.T) {
			tally := newTally()
			tally.follows = tt.follows
			tally.holds(tt.lease)
			for _, e := range tt.events {
				tally.add(e)
			}
			if diff := cmp.Diff(tt.want, tally.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
