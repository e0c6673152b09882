package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
)

// stopped runs a command that a test stops.
func stopped(ctx context.Context, in io.Reader, args ...string) (code int, stdout, stderr string) {
	var out, talk bytes.Buffer
	env := iostreams.IO{In: in, Out: &out, Err: &talk}
	code = cmd.Main(ctx, env, "v0.0.0-test", append([]string{"kubectl-certs"}, args...))
	return code, out.String(), talk.String()
}

// TestStopApply: an apply that a signal stops finishes the requests in flight,
// and says what is applied; applying again applies the rest.
func TestStopApply(t *testing.T) {
	const n, workers = 40, 16
	ctx, signal := context.WithCancel(t.Context())
	defer signal()
	var writes atomic.Int32
	kube := startKube(t)
	makeNamespaces(t, clientOf(t, kube), "shop")
	made, _ := patches(kube)
	kube.Before = before(func(r *http.Request) {
		if r.Method != http.MethodPatch || ctx.Err() != nil {
			return
		}
		if writes.Add(1) == workers { // all are in flight
			signal()
		}
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
	})
	dir := configMaps(t, n)
	code, out, talk := stopped(ctx, nil, "apply", "-k", dir)
	if want := fmt.Sprintf("stopped: %d of %d objects applied; run the command again for the rest\n", workers, n); code != 2 || talk != want {
		t.Errorf("exit code %d\n%s\nwant %s", code, talk, want)
	}
	begun, done := patches(kube)
	if lines := strings.Count(out, " created\n"); lines != workers || done-made != workers || begun-made != workers {
		t.Errorf("%d lines, %d writes begun, %d done\n%s", lines, begun-made, done-made, out)
	}
	if code, _, talk := stopped(t.Context(), nil, "apply", "-k", dir); code != 0 || countConfigMaps(t, kube) != n {
		t.Errorf("again: exit code %d, %d objects\n%s", code, countConfigMaps(t, kube), talk)
	}
}

// TestStopApplyFails: what failed before the signal is reported and counted.
func TestStopApplyFails(t *testing.T) {
	const workers = 16
	ctx, signal := context.WithCancel(t.Context())
	defer signal()
	var writes atomic.Int32
	startKube(t).Before = before(func(r *http.Request) { // there is no namespace shop
		if r.Method != http.MethodPatch || ctx.Err() != nil {
			return
		}
		if writes.Add(1) == workers {
			signal()
		}
		<-ctx.Done()
	})
	code, _, talk := stopped(ctx, nil, "apply", "-k", configMaps(t, 40))
	if n := strings.Count(talk, `namespaces "shop" not found`); code != 2 || n != workers {
		t.Errorf("exit code %d, %d failures in\n%s", code, n, talk)
	}
	if want := "stopped: 0 of 40 objects applied, 16 failed; run the command again for the rest\n"; !strings.HasSuffix(talk, want) {
		t.Errorf("says\n%s\nwant %s", talk, want)
	}
}

// TestStopPrune says what is pruned.
func TestStopPrune(t *testing.T) {
	ctx, signal := context.WithCancel(t.Context())
	defer signal()
	var deletes atomic.Int32
	kube := startKube(t)
	makeNamespaces(t, clientOf(t, kube), "shop")
	kube.Before = before(func(r *http.Request) {
		if r.Method == http.MethodDelete && deletes.Add(1) == 2 {
			signal()
		}
	})
	set := []string{"apply", "--set", "one", "--prune", "--yes", "-k"}
	if code, _, talk := stopped(t.Context(), nil, append(set, configMaps(t, 7))...); code != 0 {
		t.Fatal(talk)
	}
	code, out, talk := stopped(ctx, nil, append(set, configMaps(t, 2))...)
	if want := "stopped: 2 of 2 objects applied, 2 of 5 pruned; run the command again for the rest\n"; code != 2 || talk != want {
		t.Errorf("exit code %d\n%s%s\nwant %s", code, out, talk, want)
	}
	if left := countConfigMaps(t, kube); strings.Count(out, " pruned\n") != 2 || left != 5 {
		t.Errorf("%d objects are left\n%s", left, out)
	}
}

// TestStopRun: a run that a signal stops says what it has issued and which orders it has
// interrupted, and the next run resumes them.
func TestStopRun(t *testing.T) {
	for name, tt := range map[string]struct {
		flags []string
		code  int
		want  string
	}{
		"once":    {[]string{"--once"}, 2, "stopped: 1 of 2 certificates issued, 1 order interrupted (shop/b-tls); run the command again to resume\n"},
		"follows": {nil, 0, "msg=stopped done=\"1 certificate issued, 1 order interrupted (shop/b-tls); the next run resumes them\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, signal := context.WithCancel(t.Context())
			defer signal()
			c := testCluster{t: t, client: clientOf(t, startKube(t)), namespace: "shop", dir: t.TempDir()}
			makeNamespaces(t, c.client, "shop")
			ca := acmetest.Start(t)
			file := c.requests(ca, "a", "b")
			asked, answer := answerLate(t, ca, "b.example.com.", c.thumbprint(file))
			go func() {
				defer signal()
				<-asked
				c.await("a")
			}()
			args := slices.Concat([]string{"run", "-f", file, "-n", "shop"}, static(ca))
			code, out, talk := stopped(ctx, nil, append(args, tt.flags...)...)
			answer()
			if code != tt.code || !strings.HasSuffix(talk, tt.want) {
				t.Errorf("exit code %d\n%s%s\nwant %s", code, out, talk, tt.want)
			}
			order := c.get(secretsOf, "shop", "b-tls-kubectl-certs-order").GetAnnotations()["kubectl-certs.dev/order"]
			if code, out, talk := stopped(t.Context(), nil, append(args, "--once")...); code != 0 || order == "" {
				t.Errorf("order %q, again: exit code %d\n%s%s", order, code, out, talk)
			}
			c.issued(ca, "b")
		})
	}
}

// thumbprint opens the account of the only issuer in a file.
func (c testCluster) thumbprint(file string) string {
	c.t.Helper()
	out, _ := c.certs(0, "run", "--register", "-f", file)
	words := strings.Fields(out)
	return words[len(words)-1]
}

// answerLate answers the challenges of a host by a web server of its own, and not before answer is
// called. asked is closed at the first request.
func answerLate(t *testing.T, ca *acmetest.CA, host, thumbprint string) (asked <-chan struct{}, answer func()) {
	t.Helper()
	_, port, _ := net.SplitHostPort(ca.HTTP01)
	listener, err := net.Listen("tcp", net.JoinHostPort("::1", port))
	if err != nil {
		t.Skipf("no IPv6: %v", err)
	}
	ca.DNS.SetAddresses(host, "::1")
	first, late := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(first) })
		<-late
		fmt.Fprintf(w, "%s.%s", path.Base(r.URL.Path), thumbprint)
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return first, sync.OnceFunc(func() { close(late) })
}

// TestStopBlocked: a command that waits for input that does not come ends all
// the same, and says no more than is true.
func TestStopBlocked(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"generate":     {[]string{"generate", "-f", "-"}, "stopped, nothing written\n"},
		"diff":         {[]string{"diff", "-", "."}, "stopped\n"},
		"lint":         {[]string{"lint", "-"}, "stopped\n"},
		"trust bundle": {[]string{"trust", "bundle", "-"}, "stopped\n"},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := io.Pipe()
			defer writer.Close()
			ctx, signal := context.WithCancel(t.Context())
			defer signal()
			time.AfterFunc(200*time.Millisecond, signal)
			start := time.Now()
			code, out, talk := stopped(ctx, reader, tt.args...)
			if diff := cmp.Diff(tt.want, talk); diff != "" || code != 2 || out != "" {
				t.Errorf("exit code %d, stdout %q (-want +got):\n%s", code, out, diff)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}
