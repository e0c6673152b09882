package run

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// waits is a handler of a log that shows on a terminal what is waited for, in the
// line of progress: records that say until when. Other records are logged.
type waits struct {
	slog.Handler
	io iostreams.IO
}

// Handle implements slog.Handler.
func (w waits) Handle(ctx context.Context, r slog.Record) error {
	var since, until time.Time
	cause := ""
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "since":
			since = a.Value.Time()
		case "until":
			until = a.Value.Time()
		case "error":
			cause = fmt.Sprint(a.Value.Any())
		}
		return true
	})
	if since.IsZero() || until.IsZero() {
		return w.Handler.Handle(ctx, r)
	}
	w.io.ShowProgress(fmt.Sprintf("%s (since %s, until %s): %s", r.Message, since.Format(time.TimeOnly), until.Format(time.TimeOnly), cause))
	return nil
}

// newLog returns the log of a run. A run that ends by itself shows what it waits
// for in a line of progress, where there is a terminal; with -v it logs that.
func (o *Options) newLog() *slog.Logger {
	handler := slog.Handler(slog.NewTextHandler(o.IO.Err, nil))
	if o.Once && o.IO.Progress && !o.Verbose {
		handler = waits{handler, o.IO}
	}
	return slog.New(handler)
}
