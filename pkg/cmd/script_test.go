package cmd_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/klog/v2"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	dnsprocess "github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// program runs the command line as a process would.
func program() {
	ctx, stop := lifecycle.WithSignals(context.Background())
	defer stop()
	os.Exit(cmd.Main(ctx, iostreams.System(), "v0.0.0-test", os.Args))
}

func TestMain(m *testing.M) {
	klog.SetLogger(klog.Logger{})                                // as main does
	if len(os.Args) > 1 && os.Args[1] == dnsprocess.Subcommand { // of a test that makes a provider
		program()
		return
	}
	// Most tests that run in parallel wait for a process longer than they work.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"kubectl-certs":      program,
		"kubectl-tls_routes": program, // another plugin name
		"certs":              program, // no plugin at all
	})
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		ContinueOnError:     os.Getenv("CONTINUE") != "",
		Setup: func(env *testscript.Env) error {
			root, err := filepath.Abs(filepath.Join("..", ".."))
			env.Setenv("ROOT", root)
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("HOME", env.WorkDir)
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				env.Setenv("GIT_"+who+"_NAME", "test")
				env.Setenv("GIT_"+who+"_EMAIL", "test@example.com")
			}
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// exits runs a command that must end with a code: exits 1 kubectl-certs diff.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [args]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = failed.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s exits %d, want %d", args[1], got, want)
	}
}
