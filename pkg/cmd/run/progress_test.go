package run

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// TestWaitIsShown: on a terminal a wait is a line of progress that counts, and everything
// else is logged; without a terminal, with -v and without --once a wait is logged too.
func TestWaitIsShown(t *testing.T) {
	for name, tt := range map[string]struct {
		terminal, once, verbose bool
		progress                bool
		logs                    int // of three records about the same wait
	}{
		"terminal":      {true, true, false, true, 0},
		"no terminal":   {false, true, false, false, 1},
		"-v":            {true, true, true, false, 3},
		"keeps running": {true, false, false, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var messages bytes.Buffer
				io, flush := iostreams.IO{Out: &bytes.Buffer{}, Err: &messages, Progress: tt.terminal}.Safe()
				o := &Options{IO: io, Once: tt.once, Verbose: tt.verbose}
				log := o.newLog()
				start := time.Now()
				time.Sleep(12 * time.Second)
				wait := log.With("server", "https://ca.example.com/directory", "since", start, "until", start.Add(2*time.Minute), "error", errors.New("connection refused"))
				for range 3 {
					wait.Info("ACME server not available, retrying", "in", time.Second)
				}
				flush()
				got := messages.String()
				if strings.Contains(got, "waiting for https://ca.example.com/directory (connection refused), 12s of 2m0s") != tt.progress || strings.Count(got, "level=INFO") != tt.logs {
					t.Errorf("a wait is shown as %q", got)
				}
				messages.Reset()
				time.Sleep(time.Second)
				wait.Debug("waiting for the ACME server")
				flush()
				if strings.Contains(messages.String(), ", 13s of 2m0s") != tt.progress || strings.Contains(messages.String(), "level=") {
					t.Errorf("a second later it is shown as %q", messages.String())
				}
				messages.Reset()
				log.Warn("something else")
				log.Debug("a detail")
				flush()
				if !strings.Contains(messages.String(), "level=WARN") || strings.Contains(messages.String(), "a detail") {
					t.Errorf("other records are shown as %q", messages.String())
				}
			})
		})
	}
}
