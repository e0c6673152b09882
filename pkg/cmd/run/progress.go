package run

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// waits is a handler of a log for what is waited for: records that say for which
// server, since when and until when. On a terminal they are a line of progress,
// which counts; elsewhere one line is logged for each server and cause. Other
// records are logged.
type waits struct {
	slog.Handler
	io     iostreams.IO
	shows  bool
	fields []slog.Attr // of With
	logged *lastLogged
}

// lastLogged is when each wait was last logged.
type lastLogged struct {
	lock sync.Mutex
	at   map[string]time.Time
}

// logAgain is how long a wait that was logged is not logged again.
const logAgain = time.Minute

// Enabled implements slog.Handler. A wait is counted by records of level Debug.
func (w waits) Enabled(ctx context.Context, level slog.Level) bool {
	return w.shows || w.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (w waits) WithAttrs(attrs []slog.Attr) slog.Handler {
	w.Handler = w.Handler.WithAttrs(attrs)
	w.fields = append(w.fields[:len(w.fields):len(w.fields)], attrs...)
	return w
}

// Handle implements slog.Handler.
func (w waits) Handle(ctx context.Context, r slog.Record) error {
	var since, until time.Time
	server, cause := "", ""
	read := func(a slog.Attr) bool {
		switch a.Key {
		case "server":
			server = a.Value.String()
		case "since":
			since = a.Value.Time()
		case "until":
			until = a.Value.Time()
		case "error":
			cause = fmt.Sprint(a.Value.Any())
		}
		return true
	}
	for _, a := range w.fields {
		read(a)
	}
	r.Attrs(read)
	switch {
	case server == "" || since.IsZero() || until.IsZero():
		if !w.Handler.Enabled(ctx, r.Level) {
			return nil
		}
		return w.Handler.Handle(ctx, r)
	case w.shows:
		w.io.ShowProgress(fmt.Sprintf("waiting for %s (%s), %s of %s", server, cause, time.Since(since).Round(time.Second), until.Sub(since)))
		return nil
	case !w.logged.isDue(server+"\n"+cause, r.Time):
		return nil
	}
	return w.Handler.Handle(ctx, r)
}

// isDue reports whether a wait is logged at a time.
func (l *lastLogged) isDue(wait string, now time.Time) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	if at, known := l.at[wait]; known && now.Sub(at) < logAgain {
		return false
	}
	l.at[wait] = now
	return true
}

// newLog returns the log of a run. A run that ends by itself shows what it waits
// for in a line of progress, where there is a terminal; with -v it logs that.
func (o *Options) newLog() *slog.Logger {
	handler := slog.Handler(slog.NewTextHandler(o.IO.Err, nil))
	if o.Verbose {
		return slog.New(handler)
	}
	return slog.New(waits{
		Handler: handler, io: o.IO, shows: (o.Once || o.Register) && o.IO.Progress, logged: &lastLogged{at: map[string]time.Time{}},
	})
}
