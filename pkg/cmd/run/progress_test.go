package run

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// TestWaitIsShown: on a terminal a wait is a line of progress, and everything else is
// logged; without a terminal, with -v and without --once a wait is logged too.
func TestWaitIsShown(t *testing.T) {
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	for name, tt := range map[string]struct {
		terminal, once, verbose bool
		progress                bool
	}{
		"terminal":      {true, true, false, true},
		"no terminal":   {false, true, false, false},
		"-v":            {true, true, true, false},
		"keeps running": {true, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			var messages bytes.Buffer
			io, flush := iostreams.IO{Out: &bytes.Buffer{}, Err: &messages, Progress: tt.terminal}.Safe()
			o := &Options{IO: io, Once: tt.once, Verbose: tt.verbose}
			log := o.newLog()
			log.Info("ACME server not available, retrying", "since", start, "until", start.Add(2*time.Minute), "error", errors.New("connection refused"))
			flush()
			want := "ACME server not available, retrying (since 12:00:00, until 12:02:00): connection refused"
			if got := messages.String(); (got == want) != tt.progress || strings.Contains(got, "level=INFO") == tt.progress {
				t.Errorf("a wait is shown as %q", got)
			}
			messages.Reset()
			log.Warn("something else")
			flush()
			if !strings.Contains(messages.String(), "level=WARN") {
				t.Errorf("a warning is shown as %q", messages.String())
			}
		})
	}
}
