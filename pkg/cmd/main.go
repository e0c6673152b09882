package cmd

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// Main runs the command line and returns the exit code. args[0] is the name
// under which the program was called. The end of the context stops the command:
// one that changes nothing ends within a second, whatever it is doing, and the
// others finish what must not be left half done. The exit code is 2 then, unless
// all was done already.
func Main(ctx context.Context, streams iostreams.IO, version string, args []string) int {
	out := &iostreams.Recorder{Writer: streams.Out}
	f := &cmdutil.Factory{Version: version, Limits: limits.New(ctx.Err)}
	f.Process, streams.Out, streams.Err = lifecycle.Watch(ctx, out, streams.Err)
	var flush func()
	f.IO, flush = streams.Safe()
	name := programName(args[0])
	code := execute(ctx, f, newRootCmd(f, name), args[1:])
	if ctx.Err() == nil { // else a stream may never be ready
		flush()
	}
	if err := out.Err(); err != nil && code != cmdutil.ExitFailed {
		report(f, name, err)
		return cmdutil.ExitFailed
	}
	return code
}

// execute runs a command and reports how it ended, by a panic too.
func execute(ctx context.Context, f *cmdutil.Factory, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	err := f.Process.Wait(panics.Guard(func() error { return root.ExecuteContext(ctx) }))
	bug, panicked := errors.AsType[*panics.Error](err)
	switch {
	case panicked:
		reportBug(f, root, args, bug)
		return cmdutil.ExitFailed
	case f.Process.Stopped(err):
		reportStop(f, root.DisplayName(), err)
		return cmdutil.ExitFailed
	case err == nil:
		return cmdutil.ExitDone
	case errors.Is(err, cmdutil.ErrFound):
		return cmdutil.ExitFound
	}
	report(f, root.DisplayName(), err)
	return cmdutil.ExitFailed
}

// reportStop reports a command that a signal has stopped. It does not wait for a
// stream without a reader.
func reportStop(f *cmdutil.Factory, name string, err error) {
	stopped := *f
	stopped.IO.Out, stopped.IO.Err = f.Process.Take()
	lifecycle.Report(func() {
		if stopped.IO.Progress {
			_, _ = io.WriteString(stopped.IO.Err, iostreams.ClearLine)
		}
		reportFailures(&stopped, name, err)
		stopped.IO.Messagef("%s", lastMessage(&stopped))
	})
}

func lastMessage(f *cmdutil.Factory) string {
	if summary, ok := f.Process.Summary(); ok {
		return "stopped: " + summary
	}
	return "stopped" + nothingWritten(f)
}

// programName turns the name of a plugin's file into the command that people
// type: kubectl-foo_bar is kubectl foo-bar.
func programName(arg0 string) string {
	name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(arg0)), ".exe")
	if plugin, ok := strings.CutPrefix(name, "kubectl-"); ok {
		return "kubectl " + strings.ReplaceAll(strings.ReplaceAll(plugin, "-", " "), "_", "-")
	}
	return name
}
