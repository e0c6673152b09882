//go:build !slim

package lego

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/challenge/dns01"
	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name      string
		variables map[string]string
		want      string // the error
	}{
		{"cloudflare", map[string]string{"CF_DNS_API_TOKEN": "secret", "CLOUDFLARE_TTL": "300"}, ""},
		{"fastdns", nil, `DNS provider "fastdns": not to be had by name: use the solver akamai`},
		{"exec", map[string]string{"EXEC_PATH": "/bin/secret"}, `DNS provider "exec": not to be had by name: it would let whoever writes the Secret run programs here`},
		{"no-such", nil, `DNS provider "no-such": lego has none of this name; https://go-acme.github.io/lego/dns/ lists them`},
		{"duckdns", map[string]string{"DUCKDNS_TOKEN_FILE": "/etc/secret", "PATH": "secret", "DUCKDNS_TOKEN": "secret"},
			`DNS provider "duckdns": variable DUCKDNS_TOKEN_FILE: not one of its own, which are DUCKDNS_HTTP_TIMEOUT, DUCKDNS_POLLING_INTERVAL, DUCKDNS_PROPAGATION_TIMEOUT, DUCKDNS_SEQUENCE_INTERVAL, DUCKDNS_TOKEN
DNS provider "duckdns": variable PATH: not one of its own, which are DUCKDNS_HTTP_TIMEOUT, DUCKDNS_POLLING_INTERVAL, DUCKDNS_PROPAGATION_TIMEOUT, DUCKDNS_SEQUENCE_INTERVAL, DUCKDNS_TOKEN`},
		{"lightsail", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": "/secret", "DNS_ZONE": "example.com"},
			`DNS provider "lightsail": variable AWS_SHARED_CREDENTIALS_FILE: refused, it would use the identity or the files of this machine
DNS provider "lightsail": variable AWS_ACCESS_KEY_ID: required
DNS provider "lightsail": variable AWS_SECRET_ACCESS_KEY: required`},
	} {
		_, err := Provider(t.Context(), c.name, c.variables)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s (-want +got):\n%s", c.name, cmp.Diff(c.want, got))
		}
	}
}

// host is a DNS host's API that counts who asked it for what.
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

// nameserver knows that example.com is a zone, and tells lego so.
func nameserver(t *testing.T) {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) {
		m := new(dns.Msg).SetReply(r)
		if q := r.Question[0]; q.Qtype == dns.TypeSOA && q.Name == "example.com." {
			m.Answer = []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: "ns.example.com.", Mbox: "a.example.com."}}
		}
		_ = w.WriteMsg(m)
	})}
	go server.ActivateAndServe()
	t.Cleanup(func() { _ = server.Shutdown() })
	_ = dns01.AddRecursiveNameservers([]string{packets.LocalAddr().String()})(nil)
}

// TestAccounts: many accounts at one and at several hosts, made and used at
// the same time, in a process that has variables of its own. Each uses what is
// its own, and all of the environment is as it was.
func TestAccounts(t *testing.T) {
	nameserver(t)
	machine, machineAsked := host(t)
	t.Setenv("DO_AUTH_TOKEN", "of-the-machine")
	t.Setenv("DO_API_URL", machine)
	t.Setenv("LEGO_DISABLE_CNAME_SUPPORT", "true")
	before := os.Environ()
	const accounts = 8
	var all sync.WaitGroup
	for i := range accounts {
		url, asked := host(t)
		token := fmt.Sprintf("token-%d", i)
		all.Go(func() {
			p, err := Provider(t.Context(), "digitalocean", map[string]string{"DO_AUTH_TOKEN": token, "DO_API_URL": url})
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				if err := p.Present("shop.example.com", "token", "key"); err != nil {
					t.Error(err)
				}
			}
			want := map[string]int{"Bearer " + token + " /v2/domains/example.com/records": 3}
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

// TestMachinesVariables: what only the environment has does not reach a
// provider, not even as a default.
func TestMachinesVariables(t *testing.T) {
	t.Setenv("DO_AUTH_TOKEN", "of-the-machine")
	_, err := Provider(t.Context(), "digitalocean", nil)
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
	before, made := os.Environ(), 0
	for line := range strings.Lines(table) {
		name := strings.TrimSuffix(strings.Fields(line)[0], ":")
		if _, not := instead[name]; not || slices.Contains(asking, name) {
			continue
		}
		known, _ := lookup(name)
		variables := map[string]string{}
		for _, v := range known.taken() {
			if !tuning(v) {
				variables[v] = "http://127.0.0.1:9"
			}
		}
		p, err := Provider(t.Context(), name, variables)
		if err != nil {
			t.Logf("%s does not take it: %v", name, err)
			continue
		}
		made++
		if timeout, ok := p.(challenge.ProviderTimeout); ok {
			if wait, interval := timeout.Timeout(); wait <= 0 || interval <= 0 {
				t.Errorf("%s waits %v, each %v", name, wait, interval)
			}
		}
	}
	if made < 140 {
		t.Errorf("only %d providers are made", made)
	}
	if diff := cmp.Diff(before, os.Environ(), cmp.Transformer("sort", func(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s })); diff != "" {
		t.Errorf("the environment changed (-before +after):\n%s", diff)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
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
type reader struct{ saw []string }

func (r *reader) see() error {
	key, err := os.ReadFile(os.Getenv("TRANSIP_PRIVATE_KEY_PATH"))
	r.saw = append(r.saw, os.Getenv("TRANSIP_ACCOUNT_NAME")+" "+os.Getenv("TRANSIP_TTL")+" "+string(key))
	return err
}
func (r *reader) Present(string, string, string) error  { return r.see() }
func (r *reader) CleanUp(string, string, string) error  { return r.see() }
func (*reader) Timeout() (wait, interval time.Duration) { return time.Minute, time.Second }

// TestLate: a provider that reads its variables late has them, and only them.
func TestLate(t *testing.T) {
	t.Setenv("TRANSIP_ACCOUNT_NAME", "of-the-machine")
	t.Setenv("TRANSIP_TTL", "of-the-machine")
	r := &reader{}
	p := &lent{r, environment{
		set:        map[string]string{"TRANSIP_ACCOUNT_NAME": "me", "TRANSIP_PRIVATE_KEY_PATH": "the key itself"},
		namespaces: []string{"TRANSIP_"},
	}}
	if err := errors.Join(p.Present("a", "b", "c"), p.CleanUp("a", "b", "c")); err != nil {
		t.Fatal(err)
	}
	want := []string{"me  the key itself", "me  the key itself"}
	if diff := cmp.Diff(want, r.saw); diff != "" {
		t.Errorf("saw (-want +got):\n%s", diff)
	}
}

func TestEndedContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Provider(ctx, "duckdns", map[string]string{"DUCKDNS_TOKEN": "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
