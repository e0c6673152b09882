package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

var background = context.Background()

// bound is what no test may take, on any machine.
const bound = 2 * time.Minute

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeoutCause(t.Context(), bound, errors.New("the bound of the test"))
	t.Cleanup(stop)
	return ctx
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// once makes only the first child behave badly.
func once(t *testing.T) (marker string) {
	t.Helper()
	marker = filepath.Join(t.TempDir(), "first")
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return marker
}

// TestProviderCannotBeMade: a process that cannot even make its provider fails this try, and
// the next one works.
func TestProviderCannotBeMade(t *testing.T) {
	for behaviour, want := range map[string]string{
		"exit before the handshake":  `DNS provider "any": during hello, its process ended: exit status 3`,
		"panic before the handshake": `DNS provider "any": during hello, its process ended: exit status 2: panic: s3cr3t trouble`,
		"other version":              `DNS provider "any": its process has protocol version 7, not 1: the program was replaced while it ran; restart it`,
		"greet with garbage":         `DNS provider "any": during hello, its process wrote an invalid message`,
		"closed output":              `DNS provider "any": during hello, its process closed its output`,
		"refuse":                     "wrong password",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			l := launch(t, behaviour, once(t))
			if _, err := l.Provider(within(t), "any", nil); text(err) != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if _, err := l.Provider(within(t), "any", nil); err != nil {
				t.Errorf("the next try: %v", err)
			}
		})
	}
}

// TestSlowProcessIsStopped: a process that does not get ready is stopped, even one that
// does not read what it is sent.
func TestSlowProcessIsStopped(t *testing.T) {
	for behaviour, want := range map[string]string{
		"hang in hello": `DNS provider "any": its process did not answer hello and was stopped: not ready after 5s`,
		"hang in make":  `DNS provider "any": its process did not answer make and was stopped: not ready after 5s`,
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			l := launch(t, behaviour, once(t))
			l.patience, l.grace = 5*time.Second, 100*time.Millisecond
			large := map[string]string{"LARGE": strings.Repeat("x", 500<<10)} // more than a pipe holds
			if _, err := l.Provider(within(t), "any", large); text(err) != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			l.patience = bound
			if _, err := l.Provider(within(t), "any", large); err != nil {
				t.Errorf("the next try: %v", err)
			}
		})
	}
}

func TestNoProgram(t *testing.T) {
	_, err := Launcher{Path: filepath.Join(t.TempDir(), "none")}.Provider(within(t), "any", nil)
	if err == nil || !strings.HasPrefix(err.Error(), `DNS provider "any": start its process: fork/exec `) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestNewProcessAfterFailedCall: a process that fails in a call fails this call, and the next one
// finds another process.
func TestNewProcessAfterFailedCall(t *testing.T) {
	for behaviour, want := range map[string]string{
		"good":                 "",
		"flood":                "",
		"exit in present":      "during present, its process ended: exit status 4",
		"panic in present":     "during present, its process ended: exit status 2: panic: present trouble",
		"killed in present":    "during present, its process ended: signal: killed",
		"half a line":          "during present, its process ended: exit status 5",
		"garbage in present":   "during present, its process wrote an invalid message",
		"unknown field":        "during present, its process wrote an invalid message",
		"two on a line":        "during present, its process wrote an invalid message",
		"answer to no request": "during present, its process wrote an answer without a request",
		"a line of 2 MB":       "during present, its process wrote a line of more than 1048576 bytes",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			p, err := launch(t, behaviour, once(t)).Provider(within(t), "any", nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Present(within(t), dns01.Record{}); text(err) != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if err := errors.Join(p.Present(within(t), dns01.Record{}), p.CleanUp(within(t), dns01.Record{})); err != nil {
				t.Errorf("the next try: %v", err)
			}
		})
	}
}

// TestCallEndsWithItsContext: a call ends with its context, and with it the process that hangs.
// Another call in progress fails, too.
func TestCallEndsWithItsContext(t *testing.T) {
	l := launch(t, "hang in present", once(t))
	l.grace = 100 * time.Millisecond
	p, err := l.Provider(within(t), "any", nil)
	if err != nil {
		t.Fatal(err)
	}
	other := make(chan error)
	go func() { other <- p.Present(within(t), dns01.Record{Domain: "other"}) }()
	ctx, stop := context.WithTimeoutCause(t.Context(), time.Second, errors.New("Any has not answered for 1s"))
	defer stop()
	err = p.Present(ctx, dns01.Record{})
	if want := "its process did not answer present and was stopped: Any has not answered for 1s"; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err, want := <-other, "during present, its process was stopped: no answer to present"; text(err) != want {
		t.Errorf("the other got  %v\nwant %s", err, want)
	}
	if err := p.Present(within(t), dns01.Record{}); err != nil {
		t.Errorf("the next try: %v", err)
	}
}

// TestCancel: a process that answers to a cancel is kept.
func TestCancel(t *testing.T) {
	p, err := launch(t, "good").Provider(within(t), "any", nil)
	if err != nil {
		t.Fatal(err)
	}
	before := pid(t, p)
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, stop)
	if err := p.Present(ctx, dns01.Record{Domain: "until cancelled"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for range 20 {
		if err := p.Present(ctx, dns01.Record{Domain: "until cancelled"}); !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: %v", err)
		}
	}
	if after := pid(t, p); after != before {
		t.Errorf("process %d has become %d", before, after)
	}
}

// pid is the process that a good provider has.
func pid(t testing.TB, p dns01.Provider) (pid int) {
	t.Helper()
	err := p.CleanUp(within(t), dns01.Record{Domain: "pid"})
	if _, scan := fmt.Sscanf(text(err), "pid %d", &pid); scan != nil {
		t.Fatal(err)
	}
	return pid
}

// TestConcurrent: each of several calls gets its own answer.
func TestConcurrent(t *testing.T) {
	p, err := launch(t, "good").Provider(within(t), "any", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dns01.Traits{Timeout: 42 * time.Second, Sequential: true}, p.Traits()); diff != "" {
		t.Errorf("traits (-want +got):\n%s", diff)
	}
	var all sync.WaitGroup
	for _, token := range []string{"a", "b"} {
		all.Go(func() {
			if err := p.Present(within(t), dns01.Record{Domain: "together", Token: token}); text(err) != "token "+token {
				t.Errorf("%s got %v", token, err)
			}
		})
	}
	all.Wait()
}

// TestRest: a process that is not used ends, unless it has written something that
// it may have to remember. The next call starts another.
func TestRest(t *testing.T) {
	l := launch(t, "good")
	l.idle = 200 * time.Millisecond
	p, err := l.Provider(within(t), "any", nil)
	if err != nil {
		t.Fatal(err)
	}
	first := pid(t, p)
	for ctx := within(t); !gone(first); time.Sleep(10 * time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("it goes on")
		}
	}
	r := dns01.Record{Domain: "example.com"}
	if err := p.Present(within(t), r); err != nil {
		t.Fatal(err)
	}
	second := pid(t, p)
	time.Sleep(5 * l.idle)
	if third := pid(t, p); second == first || third != second {
		t.Errorf("processes %d, %d, %d: the third is not the second", first, second, third)
	}
	if err := p.CleanUp(within(t), r); err != nil {
		t.Error(err)
	}
	for ctx := within(t); !gone(second); time.Sleep(10 * time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("it goes on after all is removed")
		}
	}
}

// TestEnvironment: what a process starts with, and nothing else. docs/run.md
// lists the same variables.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "GOOGLE_APPLICATION_CREDENTIALS", "KUBECONFIG", "LEGO_DISABLE_CNAME_SUPPORT", "USER", "XDG_CONFIG_HOME", "https_Proxy", "HTTPS_PROXY_2"} {
		t.Setenv(name, "of this machine")
	}
	documented := []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR", "TMP", "TEMP"}
	docs, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "run.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"HOME=/nonexistent"}
	for _, name := range documented {
		if !bytes.Contains(docs, []byte("`"+name+"`")) && strings.ToUpper(name) == name {
			t.Errorf("docs/run.md does not list %s", name)
		}
		t.Setenv(name, "for "+name)
		want = append(want, name+"=for "+name)
	}
	_, err = launch(t, "environ").Provider(within(t), "any", map[string]string{"AWS_ACCESS_KEY_ID": "s3cr3t"})
	got := strings.Split(text(err), "\n")
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// TestLongLineIsRefused: what does not fit in a line is refused, and the process goes on.
func TestLongLineIsRefused(t *testing.T) {
	l := launch(t, "good")
	_, err := l.Provider(within(t), "any", map[string]string{"LARGE": strings.Repeat("x", 1<<20)})
	if want := `DNS provider "any": make exceeds 1048576 bytes, the limit of its process`; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestParentKilled: the process ends with its parent, even if that is killed
// while a call is in progress: by a signal even where it does not read.
func TestParentKilled(t *testing.T) {
	for _, how := range []string{"by signal", "by standard input"} {
		t.Run(how, func(t *testing.T) {
			if how == "by signal" && runtime.GOOS != "linux" {
				t.Skip("only Linux has a signal for it")
			}
			parent := exec.Command(launch(t, "").Path, "parent", how)
			out, err := parent.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			var child int
			_, err = fmt.Fscanf(out, "pid %d\n", &child)
			if kill := parent.Process.Kill(); err != nil || kill != nil {
				t.Fatal(err, kill)
			}
			_ = parent.Wait() // killed
			for ctx := within(t); !gone(child); time.Sleep(10 * time.Millisecond) {
				if ctx.Err() != nil {
					t.Fatalf("process %d goes on", child)
				}
			}
		})
	}
}

// TestReasonInStderr: a reason is found in any flood, in pieces of any size, and what is
// kept is bounded.
func TestReasonInStderr(t *testing.T) {
	said := "log\n" + strings.Repeat("x", 1<<20) + "\npanic: first\ngoroutine 1 [running]:\n" +
		"panic: " + strings.Repeat("y", longestReason) + "\nfatal error: out of memory\n\npanic(0x1)\nfatal error: cut"
	for _, size := range []int{1, 7, 4096, len(said)} {
		var w stderrLog
		for piece := range slices.Chunk([]byte(said), size) {
			if n, err := w.Write(piece); n != len(piece) || err != nil {
				t.Fatal(n, err)
			}
		}
		if w.lastReason() != "fatal error: out of memory" || cap(w.line) > 4*longestReason {
			t.Errorf("in pieces of %d: %q, keeping %d bytes", size, w.lastReason(), cap(w.line))
		}
	}
}
