package lab_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// binary is the lab itself, which the tests run as a user does.
func binary(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../.bin/lab")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("CERTS_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is not there: run make lab", path)
	}
	t.Skipf("%s is not there: run make lab", path)
	return ""
}

// run runs the lab on a folder and returns what it prints.
func run(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(binary(t), append(args, "--dir", dir)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("lab %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), err
}

// must is run for what has to work.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := run(t, dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// up starts a lab that ends with the test, or at the latest with its process.
func up(t *testing.T, dir string, args ...string) map[string]string {
	t.Helper()
	args = append([]string{"up", "--parent-pid", strconv.Itoa(os.Getpid())}, args...)
	out := must(t, dir, args...)
	t.Cleanup(func() { must(t, dir, "down") })
	env := map[string]string{}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[key] = strings.Trim(value, "'")
	}
	return env
}

// api is a client of the lab's servers, trusting their CA alone.
type api struct {
	server, token string
	client        *http.Client
}

func newAPI(t *testing.T, env map[string]string) api {
	t.Helper()
	pem, err := os.ReadFile(env["ACME_CA"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	s, err := lab.Open(env["LAB_DIR"])
	if err != nil {
		t.Fatal(err)
	}
	return api{
		server: env["KUBE_SERVER"], token: s.Token,
		client: &http.Client{
			Timeout: 30 * time.Second,
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true,
			},
		},
	}
}

// call is one request to the API server; YAML will do as body.
func (a api) call(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.server+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/yaml")
	}
	return send(t, a.client, req)
}

func send(t *testing.T, client *http.Client, req *http.Request) (int, string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// processes are those that work on a folder.
func processes(t *testing.T, dir string) map[int]string {
	t.Helper()
	found := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	if len(files) == 0 {
		t.Skip("needs /proc to see processes")
	}
	for _, file := range files {
		args, err := os.ReadFile(file) // empty if it is a zombie
		if err == nil && strings.Contains(string(args), dir) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			found[pid] = strings.ReplaceAll(string(args), "\x00", " ")
		}
	}
	return found
}

// vanish fails unless every process of a folder ends within seconds.
func vanish(t *testing.T, dir string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	for {
		left := processes(t, dir)
		if len(left) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			for pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			t.Fatalf("left behind: %v", left)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
