//go:build unix

package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
)

// signalled is a command that is to be stopped.
type signalled struct {
	args  []string
	stdin bool // stays open, and nothing comes
	// writes are files that it makes, all or none.
	writes bool
	// blocks says that it never ends by itself, and last is what it says then.
	blocks bool
	last   string
	code   int           // when it blocks, 2 unless given
	within time.Duration // of the signal, in which it must end
}

const (
	soon  = time.Second
	later = 10 * time.Second
	// slack is for a machine that is busy; what hangs does so for ever.
	slack = 10 * time.Second
)

// signalledCommands are all commands, at work on what does not come: a FIFO,
// stdin, a TLS server and an API server that accept connections and are silent.
func signalledCommands(fifo, silent string) map[string][]signalled {
	const stopped = "stopped\n"
	read := func(last string, args ...string) signalled {
		return signalled{args: args, blocks: true, last: last, within: soon}
	}
	short := func(args ...string) signalled { return signalled{args: args, within: soon} }
	stdin := func(last string, args ...string) signalled {
		s := read(last, args...)
		s.stdin = true
		return s
	}
	commands := map[string][]signalled{
		"generate": {
			{args: []string{"generate"}, writes: true, within: soon},
			short("generate", "--check"), short("generate", "-o", "yaml", "-e", "prod"),
			stdin("stopped, nothing written\n", "generate", "-f", "-"),
			read("stopped, nothing written\n", "generate", "-f", fifo, "-d", "."), // another folder than that of the other tries
			stdin("stopped, nothing written\n", "generate", "-f", "-", "-d", "new/deep"),
		},
		"diff": {
			short("diff"), stdin(stopped, "diff", "-", "old"), read(stopped, "diff", fifo, "old"),
			read(stopped, "diff", "--live", "-k", "old"),
		},
		"lint":  {short("lint"), short("lint", "old"), stdin(stopped, "lint", "-"), read(stopped, "lint", fifo)},
		"apply": {{args: []string{"apply", "-k", "old"}, blocks: true, last: "stopped: 0 of 1 object applied; run the command again for the rest\n", within: later}, read(stopped, "apply", "-k", "old", "--dry-run=server")},
		"run": {
			{args: []string{"run", "--once", "--ignore-cert-manager"}, blocks: true, last: "stopped: nothing ordered\n", within: later},
			{args: []string{"run", "--once", "--shutdown-timeout", "2s"}, blocks: true, last: "stopped: nothing ordered\n", within: 2 * time.Second},
			{args: []string{"run"}, blocks: true, last: "stopped: nothing ordered\n", within: later},
			{args: []string{"run", "--register"}, blocks: true, last: "stopped: 0 accounts registered; run the command again for the rest\n", within: later},
			read(stopped, "run", "--dry-run"),
			{args: []string{"run", "--responder-only", "--listen", "127.0.0.1:0", "--thumbprint", strings.Repeat("x", 43)}, blocks: true, code: -1, within: soon},
		},
		"renew":               {{args: []string{"renew", "a", "b"}, blocks: true, last: "stopped: renewal requested for 0 of 2 certificates; run the command again for the rest\n", within: later}},
		"status":              {read(stopped, "status"), read(stopped, "status", "-A", "-o", "json")},
		"schema":              {short("schema")},
		"completion":          {short("completion", "bash")},
		"options":             {short("options")},
		"version":             {short("version")},
		"help":                {short("help")},
		"trust bundle":        {stdin(stopped, "trust", "bundle", "-"), read(stopped, "trust", "bundle", fifo), read(stopped, "trust", "bundle", silent)},
		"trust inspect":       {stdin(stopped, "trust", "inspect", "-"), read(stopped, "trust", "inspect", silent)},
		"trust verify":        {read(stopped, "trust", "verify", "roots.pem", "--in", "corp-roots")},
		"trust usage":         {read(stopped, "trust", "usage", "roots.pem")},
		"trust rotate next":   {read("stopped, nothing written\n", "trust", "rotate", "next", "-f", "rotation.yaml")},
		"trust rotate status": {read(stopped, "trust", "rotate", "status", "-f", "rotation.yaml")},
	}
	for _, action := range []string{"create", "disable", "enable", "nodepool-add", "nodepool-update", "update"} {
		aks := []string{"trust", "aks", action, "-g", "rg", "--name", "cluster"}
		if strings.HasPrefix(action, "nodepool") || action == "disable" {
			aks = append(aks, "--nodepool", "np")
		}
		if action == "disable" || action == "nodepool-add" { // which read no file
			commands["trust aks "+action] = []signalled{short(aks...)}
			continue
		}
		commands["trust aks "+action] = []signalled{
			short(slices.Concat(aks, []string{"--ca-file", "roots.pem"})...), read(stopped, slices.Concat(aks, []string{"--ca-file", fifo})...),
		}
	}
	return commands
}

// silence listens, and answers nothing.
func silence(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return listener.Addr().String()
}

// seed is that of a test whose choices are random; CERTS_SEED repeats them.
func seed(t *testing.T) *rand.Rand {
	n := uint64(time.Now().UnixNano())
	if text := os.Getenv("CERTS_SEED"); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to repeat it: CERTS_SEED=%d", n)
		}
	})
	return rand.New(rand.NewPCG(n, 0))
}

// TestSignals stops every command at random moments. It ends in time, says what
// was done, and leaves nothing half written.
func TestSignals(t *testing.T) {
	tries := 3
	if text := os.Getenv("CERTS_SIGNALS"); text != "" {
		var err error
		if tries, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	moments := seed(t)
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	silentAPI := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(silentAPI.Close)
	w := signalFixture{kubeconfig: kubeconfig(t, dir, silentAPI.URL)}
	w.fill(t)
	commands := signalledCommands(fifo, silence(t))
	for _, command := range cmd.Commands() {
		if command == "dns-provider" { // ends with its standard input, see TestParentKilled
			continue
		}
		if len(commands[command]) == 0 {
			t.Errorf("%s is not tried", command)
		}
		for i, s := range commands[command] {
			// The last moment is late enough for the command to be at work.
			delays := []time.Duration{late}
			for range tries - 1 {
				delays = append(delays, time.Duration(moments.Int64N(int64(500*time.Millisecond))))
			}
			for _, delay := range slices.Backward(delays) {
				t.Run(fmt.Sprintf("%s %d after %s", command, i, delay.Round(time.Millisecond)), func(t *testing.T) {
					t.Parallel()
					w.stop(t, s, delay)
				})
			}
		}
	}
}

// signalFixture is what commands are run in.
type signalFixture struct {
	kubeconfig string
	before     string            // a folder
	generated  map[string]string // what generate makes of it
}

const signalSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: cafe}
issuers:
- name: le
  acme: {server: letsencrypt, email: me@example.com, solvers: [{http01: {ingressClassName: nginx}}]}
expose:
- {name: cafe, namespace: default, host: cafe.example.com, className: nginx, issuer: le, routes: [{path: /, service: tea, port: 80}]}
environments: [{name: staging}, {name: prod}, {name: e1}, {name: e2}, {name: e3}, {name: e4}]
`

func (w *signalFixture) fill(t *testing.T) {
	t.Helper()
	w.before = t.TempDir()
	_, roots := loopback(t)
	write(t, filepath.Join(w.before, "certs.yaml"), signalSpec)
	write(t, filepath.Join(w.before, "roots.pem"), string(roots))
	_, newer := loopback(t)
	write(t, filepath.Join(w.before, "new.pem"), string(newer))
	write(t, filepath.Join(w.before, "rotation.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: corp}\n"+
		"old: [roots.pem]\nnew: [new.pem]\nbundle: bundle.pem\nlocations: [configmap/shop/roots]\n")
	write(t, filepath.Join(w.before, "bundle.pem"), string(roots))
	if err := os.Mkdir(filepath.Join(w.before, "old"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(w.before, "old", "a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n")
	write(t, filepath.Join(w.before, "old", "kustomization.yaml"), "resources: [a.yaml]\n")
	whole := w.copy(t)
	cmd := exec.Command("kubectl-certs", "generate")
	cmd.Dir = whole
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.generated = filesOf(t, whole)
}

func (w *signalFixture) copy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(w.before)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// late is when a command is at work, on a machine that has nothing else to do.
const late = 2 * time.Second

// stop runs a command and stops it after a while. A machine under load may not
// have started it by then: it is run again, and stopped later.
func (w *signalFixture) stop(t *testing.T, s signalled, delay time.Duration) {
	for ; ; delay *= 2 {
		state, talk := w.stopOnce(t, s, delay)
		early := state.Sys().(syscall.WaitStatus).Signaled() // before the program listened
		if early && s.blocks && delay >= late && delay < 16*late {
			continue
		}
		if s.blocks && delay >= late {
			want := s.code
			switch s.code {
			case 0:
				want = 2
			case -1:
				want = 0
			}
			if state.ExitCode() != want || want == 2 && talk != s.last {
				t.Errorf("%s: ends with %s and says (-want +got)\n%s", s.args, state, cmp.Diff(s.last, talk))
			}
		}
		if !early && (state.ExitCode() < 0 || state.ExitCode() > 2) {
			t.Errorf("%s: ends with %s\n%s", s.args, state, talk)
		}
		return
	}
}

// stopOnce returns how the command ended, and its standard error.
func (w *signalFixture) stopOnce(t *testing.T, s signalled, delay time.Duration) (*os.ProcessState, string) {
	t.Helper()
	dir := w.copy(t)
	before := filesOf(t, dir)
	var out, talk bytes.Buffer
	cmd := exec.Command("kubectl-certs", s.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &talk
	cmd.Env = append(os.Environ(), "KUBECONFIG="+w.kubeconfig)
	if s.stdin {
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(delay+s.within+slack, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	time.Sleep(delay)
	signal := []os.Signal{os.Interrupt, syscall.SIGTERM}[delay.Nanoseconds()%2]
	start := time.Now()
	if err := cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	took := time.Since(start)
	state := cmd.ProcessState
	if took > s.within+slack {
		t.Fatalf("%s: took %s after %s, %s\n%s", cmd, took, signal, state, talk.String())
	}
	w.nothingHalf(t, s, dir, before)
	return state, talk.String()
}

// nothingHalf checks that files are as they were, or all written.
func (w *signalFixture) nothingHalf(t *testing.T, s signalled, dir string, before map[string]string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Errorf("%s: a folder is left", s.args)
	}
	after := filesOf(t, dir)
	if s.writes && cmp.Equal(w.generated, after) {
		return
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("%s: files are half written (-before +after)\n%s", s.args, diff)
	}
}

// TestSecondSignal ends a command at once.
func TestSecondSignal(t *testing.T) {
	dir := t.TempDir()
	asked := make(chan struct{}, 100) // the command is at work
	silentAPI := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(silentAPI.Close)
	cmd := exec.Command("kubectl-certs", "run", "--once", "--shutdown-timeout", "10m")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig(t, dir, silentAPI.URL))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-asked:
	case err := <-ended:
		t.Fatalf("ends too early: %v", err)
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Fatal("the cluster is not asked")
	}
	for range 2 {
		select {
		case err := <-ended:
			t.Fatalf("ends too early: %v", err)
		case <-time.After(time.Second):
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-ended:
	case <-time.After(slack):
		_ = cmd.Process.Kill()
		t.Fatal("the second signal does not end it")
	}
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("ends with %s", cmd.ProcessState)
	}
}
