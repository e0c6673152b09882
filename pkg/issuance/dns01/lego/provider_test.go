//go:build !slim

package lego

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

// provider makes one in a process of its own.
func provider(t *testing.T, name string, variables map[string]string) (dns01.Provider, error) {
	t.Helper()
	return launch(t).Provider(t.Context(), name, variables)
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name      string
		variables map[string]string
		want      string // the error
	}{
		{"cloudflare", map[string]string{"CF_DNS_API_TOKEN": "secret", "CLOUDFLARE_TTL": "300"}, ""},
		{"fastdns", nil, `DNS provider "fastdns" cannot be used by name: use the solver akamai`},
		{"exec", map[string]string{"EXEC_PATH": "/bin/secret"}, `DNS provider "exec" cannot be used by name: it would run programs named in the Secret`},
		{"no-such", nil, `unknown DNS provider "no-such": https://go-acme.github.io/lego/dns/ lists lego's providers`},
		{"duckdns", map[string]string{"DUCKDNS_TOKEN_FILE": "/etc/secret", "PATH": "secret", "DUCKDNS_TOKEN": "secret"},
			`DNS provider "duckdns": unknown variable DUCKDNS_TOKEN_FILE: use DUCKDNS_HTTP_TIMEOUT, DUCKDNS_POLLING_INTERVAL, DUCKDNS_PROPAGATION_TIMEOUT, DUCKDNS_SEQUENCE_INTERVAL, DUCKDNS_TOKEN
DNS provider "duckdns": unknown variable PATH: use DUCKDNS_HTTP_TIMEOUT, DUCKDNS_POLLING_INTERVAL, DUCKDNS_PROPAGATION_TIMEOUT, DUCKDNS_SEQUENCE_INTERVAL, DUCKDNS_TOKEN`},
		{"lightsail", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": "/secret", "DNS_ZONE": "example.com"},
			`DNS provider "lightsail": variable AWS_SHARED_CREDENTIALS_FILE: not allowed, it would use the credentials or files of this machine
DNS provider "lightsail": variable AWS_ACCESS_KEY_ID: required
DNS provider "lightsail": variable AWS_SECRET_ACCESS_KEY: required`},
	} {
		_, err := provider(t, c.name, c.variables)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s (-want +got):\n%s", c.name, cmp.Diff(c.want, got))
		}
	}
}

// host is a DNS provider's API that counts who asked it for what.
func host(t *testing.T) (url string, asked func() map[string]int) {
	var mu sync.Mutex
	counts := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		counts[r.Header.Get("Authorization")+" "+r.URL.Path]++
		mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"domain_record": {"id": 1}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() map[string]int { mu.Lock(); defer mu.Unlock(); return counts }
}

// TestAccounts: many accounts at one and at several hosts, made and used at
// the same time, in a process that has variables of its own, one of which
// switches the following of CNAMEs off. Each uses what is its own and follows a
// CNAME, and all of the environment is as it was.
func TestAccounts(t *testing.T) {
	machine, machineAsked := host(t)
	t.Setenv("DO_AUTH_TOKEN", "of-the-machine")
	t.Setenv("DO_API_URL", machine)
	t.Setenv("LEGO_DISABLE_CNAME_SUPPORT", "true")
	before := os.Environ()
	followed := someRecord
	followed.FQDN, followed.Zone = "shop.acme.example.org.", "example.org."
	const accounts = 8
	var all sync.WaitGroup
	for i := range accounts {
		url, asked := host(t)
		token := fmt.Sprintf("token-%d", i)
		all.Go(func() {
			p, err := provider(t, "digitalocean", map[string]string{"DO_AUTH_TOKEN": token, "DO_API_URL": url})
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				if err := p.Present(t.Context(), followed); err != nil {
					t.Error(err)
				}
			}
			want := map[string]int{"Bearer " + token + " /v2/domains/example.org/records": 3}
			if diff := cmp.Diff(want, asked()); diff != "" {
				t.Errorf("the host was asked (-want +got):\n%s", diff)
			}
		})
	}
	all.Wait()
	if asked := machineAsked(); len(asked) > 0 {
		t.Errorf("the machine's host was asked %v", asked)
	}
	after := os.Environ()
	slices.Sort(before)
	slices.Sort(after)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the environment changed (-before +after):\n%s", diff)
	}
}

// TestEnvironmentIsNotInherited: what only the environment has does not reach a
// provider, not even as a default.
func TestEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("DO_AUTH_TOKEN", "of-the-machine")
	_, err := provider(t, "digitalocean", nil)
	if want := "digitalocean: some credentials information are missing: DO_AUTH_TOKEN"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestEveryProvider makes each provider that can be had, with a value for every
// variable: none may panic, change the environment or leave a file behind.
func TestEveryProvider(t *testing.T) {
	asking := []string{"conoha", "conohav3", "designate", "namecheap", "nicru", "rackspace"} // these log in at once
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("HOME", dir)
	var names []string
	for line := range strings.Lines(table) {
		name := strings.TrimSuffix(strings.Fields(line)[0], ":")
		if _, not := instead[name]; !not && !slices.Contains(asking, name) {
			names = append(names, name)
		}
	}
	before := os.Environ()
	var made atomic.Int32
	var all sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, name := range names {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if makeAny(t, name) {
				made.Add(1)
			}
		})
	}
	all.Wait()
	if made.Load() < 140 {
		t.Errorf("only %d providers are made", made.Load())
	}
	if diff := cmp.Diff(before, os.Environ(), cmp.Transformer("sort", func(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s })); diff != "" {
		t.Errorf("the environment changed (-before +after):\n%s", diff)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// makeAny reports whether a provider takes a URL for every variable.
func makeAny(t *testing.T, name string) bool {
	known, _ := lookup(name)
	variables := map[string]string{}
	for _, v := range known.taken() {
		if !tuning(v) {
			variables[v] = "http://127.0.0.1:9"
		}
	}
	p, err := provider(t, name, variables)
	if err != nil {
		t.Logf("%s does not take it: %v", name, err)
		if strings.Contains(err.Error(), "its process") {
			t.Errorf("%s: %v", name, err)
		}
		return false
	}
	if wait := p.Traits().Timeout; wait <= 0 {
		t.Errorf("%s waits %v", name, wait)
	}
	return true
}

func tuning(variable string) bool {
	for _, end := range []string{"TTL", "TIMEOUT", "INTERVAL", "PRIVATE_ZONE", "RETRIES"} {
		if strings.HasSuffix(variable, end) {
			return true
		}
	}
	return false
}

// reader is a provider that reads its variables when it is used.
type reader struct{}

func (reader) see() error {
	key, err := os.ReadFile(os.Getenv("TRANSIP_PRIVATE_KEY_PATH"))
	return errors.Join(err, fmt.Errorf("%s %s %q", os.Getenv("TRANSIP_ACCOUNT_NAME"), os.Getenv("TRANSIP_TTL"), key))
}
func (r reader) Present(string, string, string) error { return r.see() }
func (r reader) CleanUp(string, string, string) error { return r.see() }

func init() {
	creators["late"] = func(_ string, variables map[string][]byte) (challenge.Provider, error) {
		return reader{}, setVariables(variables)
	}
	creators["environment"] = func(_ string, variables map[string][]byte) (challenge.Provider, error) {
		if err := setVariables(variables); err != nil {
			return nil, err
		}
		return nil, errors.New(strings.Join(os.Environ(), "\n"))
	}
}

// TestVariablesReadLate: a provider that reads its variables late has them, and only them.
func TestVariablesReadLate(t *testing.T) {
	t.Setenv("TRANSIP_ACCOUNT_NAME", "of-the-machine")
	t.Setenv("TRANSIP_TTL", "of-the-machine")
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p, err := launch(t, "late").Provider(t.Context(), "any", map[string]string{"TRANSIP_ACCOUNT_NAME": "me", "TRANSIP_PRIVATE_KEY_PATH": "the key \xff itself"})
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []func(context.Context, dns01.Record) error{p.Present, p.CleanUp, p.Present} {
		if err, want := call(t.Context(), someRecord), `me  "the key \xff itself"`; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if left, _ := os.ReadDir(dir); runtime.GOOS == "linux" && len(left) > 0 {
		t.Errorf("on disk: %v", left)
	}
}

// TestVariables: the environment of a provider's process is what it starts with
// and the provider's own variables.
func TestVariables(t *testing.T) {
	t.Setenv("AWS_PROFILE", "of-the-machine")
	t.Setenv("SSL_CERT_DIR", "/etc/ssl")
	for _, name := range []string{"TMPDIR", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "TMP", "TEMP"} {
		t.Setenv(name, "") // so that it is restored
		os.Unsetenv(name)
	}
	_, err := launch(t, "environment").Provider(t.Context(), "any", map[string]string{"AWS_ACCESS_KEY_ID": "id", "DNS_ZONE": ""})
	if want := "HOME=/nonexistent\nSSL_CERT_DIR=/etc/ssl\nAWS_ACCESS_KEY_ID=id\nDNS_ZONE="; err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = provider(t, "duckdns", map[string]string{"DUCKDNS_TOKEN": "a\x00b"})
	want := `DNS provider "duckdns": variable DUCKDNS_TOKEN: invalid value: setenv: invalid argument`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestEndedContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := launch(t).Provider(ctx, "duckdns", map[string]string{"DUCKDNS_TOKEN": "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
