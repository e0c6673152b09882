package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// TestPanic: a panic is exit code 2 and a message on how to report it, without
// arguments and without the value.
func TestPanic(t *testing.T) {
	const secret = "s3cret"
	runtimeError := func() error { return fmt.Errorf("%v", map[any]int{}[map[string]any{secret: 1}]) }
	const advice = "hint: this is a bug; run the command again with -v=1 for a stack trace, and report it at https://github.com/kubectl-certs/kubectl-certs/issues\n"
	for name, tt := range map[string]struct {
		run  func() error
		want string
	}{
		"runtime error": {runtimeError, "error: internal error in kubectl certs boom, version v1.2.3: hash of unhashable type: map[string]interface {}\n" + advice},
		"own panic":     {func() error { panic("cannot encode " + secret) }, "error: internal error in kubectl certs boom, version v1.2.3: panic with a value of type string\n" + advice},
		"goroutine": {func() error {
			errs := make(chan error)
			go func() { errs <- panics.Guard(runtimeError)() }()
			return errors.Join(errors.New("another"), fmt.Errorf("read: %w", <-errs))
		}, "error: internal error in kubectl certs boom, version v1.2.3: hash of unhashable type: map[string]interface {}\n" + advice},
	} {
		t.Run(name, func(t *testing.T) {
			code, stderr := boom(t, tt.run, "boom", "--token="+secret, secret)
			if diff := cmp.Diff(tt.want, stderr); diff != "" || code != cmdutil.ExitFailed {
				t.Errorf("exit %d, (-want +got):\n%s", code, diff)
			}
			code, stderr = boom(t, tt.run, "boom", "-v=1", secret)
			if code != cmdutil.ExitFailed || !strings.Contains(stderr, "bug_test.go:") || !strings.HasSuffix(stderr, " with the lines above\n") || strings.Contains(stderr, secret) {
				t.Errorf("exit %d:\n%s", code, stderr)
			}
		})
	}
}

// boom runs a command that is there for the test alone.
func boom(t *testing.T, run func() error, args ...string) (code int, stderr string) {
	t.Helper()
	var out bytes.Buffer
	f := &cmdutil.Factory{IO: iostreams.IO{Out: &out, Err: &out}, Version: "v1.2.3"}
	root := newRootCmd(f, "kubectl certs")
	cmd := &cobra.Command{Use: "boom", RunE: func(*cobra.Command, []string) error { return run() }}
	cmd.Flags().String("token", "", "")
	root.AddCommand(cmd)
	return execute(t.Context(), f, root, args), out.String()
}
