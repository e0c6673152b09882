package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
)

// TestReportStop: what is printed when a signal has stopped a command.
func TestReportStop(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*lifecycle.Process)
		err  error
		want string
	}{
		"reads":            {err: context.Canceled, want: "stopped\n"},
		"found something":  {err: cmdutil.ErrFound, want: "stopped\n"},
		"was abandoned":    {err: lifecycle.ErrAbandoned, want: "stopped\n"},
		"wrapped":          {err: fmt.Errorf("read: %w", context.Canceled), want: "stopped\n"},
		"failed meanwhile": {err: hint.With(errors.New("no such file"), "use kubectl certs"), want: "error: no such file\nhint: use kubectl certs\nstopped\n"},
		"before it writes": {do: func(p *lifecycle.Process) { p.SetUnwritten(true) }, err: context.Canceled, want: "stopped, nothing written\n"},
		"after it has":     {do: func(p *lifecycle.Process) { p.SetUnwritten(true); _ = p.WriteFiles(func() error { return nil }) }, err: lifecycle.ErrAbandoned, want: "stopped\n"},
		"writing failed": {do: func(p *lifecycle.Process) {
			p.SetUnwritten(true)
			_ = p.WriteFiles(func() error { return cmdutil.ErrFound })
		}, err: cmdutil.ErrFound, want: "stopped, nothing written\n"},
		"says what is done": {do: func(p *lifecycle.Process) { p.OnStop(func() string { return "3 of 12 done" }) }, err: context.Canceled, want: "stopped: 3 of 12 done\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var talk bytes.Buffer
			f := &cmdutil.Factory{}
			f.Process, f.IO.Out, f.IO.Err = lifecycle.Watch(t.Context(), io.Discard, &talk)
			if tt.do != nil {
				tt.do(f.Process)
			}
			reportStop(f, "kubectl certs", tt.err)
			if diff := cmp.Diff(tt.want, talk.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := f.IO.Err.Write([]byte("x")); err != io.ErrClosedPipe {
				t.Errorf("a command that was abandoned still writes: %v", err)
			}
		})
	}
}
