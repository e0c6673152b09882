package cmd_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
)

func TestRunNetworks(t *testing.T)     { onKube(t, networkTests) }
func TestLiveRunNetworks(t *testing.T) { onLab(t, networkTests) }

var networkTests = clusterTests{
	"an ACME server behind a private CA needs caBundle or skipTLSVerify": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		bundle := "caBundle: " + base64.StdEncoding.EncodeToString(ca.Bundle)
		c.requests(ca)
		for _, tt := range []struct {
			host, trust string
			code        int
			says        string
		}{
			{"none", "email: web@example.com", 1, "certificate signed by unknown authority; set the issuer's caBundle"},
			{"other", "caBundle: " + base64.StdEncoding.EncodeToString([]byte(newRoot(t, "Other CA").pem())), 1, "certificate signed by unknown authority; set the issuer's caBundle"},
			{"bundle", bundle, 0, "1 issued"},
			{"skip", "skipTLSVerify: true", 0, "1 issued"},
		} {
			spec := strings.Replace(acmeSpec(ca, tt.host), bundle, tt.trust, 1)
			out, talk := c.certs(tt.code, once(ca, c.file(tt.host+".yaml", spec))...)
			if !strings.Contains(out+talk, tt.says) {
				t.Errorf("%s: says\n%s%swant %s", tt.host, out, talk, tt.says)
			}
			if tt.code == 0 {
				c.issued(ca, tt.host)
			}
		}
	},

	"a host with only an IPv6 address is validated at a responder with only an IPv6 address": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		ca.DNS.SetAddresses("a.example.com.", "::1")
		_, port, _ := net.SplitHostPort(ca.HTTP01)
		here := net.JoinHostPort("::1", port)
		skipWithoutIPv6(t, here)
		c.certs(0, "run", "--once", "-f", c.requests(ca, "a"), "--http01", "static", "--listen", here, "--acme-http01-solver-nameservers", ca.DNS.Address)
		c.issued(ca, "a")
	},

	"a responder without an address answers at IPv4 and IPv6": func(t *testing.T, c testCluster) {
		ca := acmetest.Start(t)
		ca.DNS.SetAddresses("a.example.com.", "::1", "127.0.0.1") // the CA tries the first only
		ca.DNS.SetAddresses("b.example.com.", "127.0.0.1")
		_, port, _ := net.SplitHostPort(ca.HTTP01)
		skipWithoutIPv6(t, net.JoinHostPort("::1", port))
		c.certs(0, "run", "--once", "-f", c.requests(ca, "a", "b"), "--http01", "static", "--listen", ":"+port, "--acme-http01-solver-nameservers", ca.DNS.Address)
		c.issued(ca, "a")
		c.issued(ca, "b")
	},
}

func skipWithoutIPv6(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("no IPv6: %v", err)
	}
	listener.Close()
}

// forwardProxy is an HTTP proxy for tests. It connects to local, whatever the host, and notes the
// requests.
type forwardProxy struct {
	local string // the address of web servers that are not at a port of their own

	lock sync.Mutex
	seen []string // "CONNECT acme.example.com:443", "GET a.example.com"
}

// ServeHTTP implements http.Handler.
func (p *forwardProxy) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	p.lock.Lock()
	if text := q.Method + " " + q.URL.Host; !slices.Contains(p.seen, text) {
		p.seen = append(p.seen, text)
	}
	p.lock.Unlock()
	if q.Method != http.MethodConnect {
		p.forward(w, q)
		return
	}
	_, port, _ := net.SplitHostPort(q.Host)
	server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	w.WriteHeader(http.StatusOK)
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	go func() { _, _ = io.Copy(server, client) }()
	_, _ = io.Copy(client, server)
}

func (p *forwardProxy) forward(w http.ResponseWriter, q *http.Request) {
	out := q.Clone(q.Context())
	out.URL.Host, out.RequestURI = p.local, ""
	answer, err := new(http.Transport).RoundTrip(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

// TestRunProxy: the ACME server and the self-check are reached through the proxy of the
// environment, except hosts in NO_PROXY. The proxies of a process do not change, so each run is a
// process. A loopback address never has a proxy; 0.0.0.0 has one, and is this machine.
func TestRunProxy(t *testing.T) {
	for name, tt := range map[string]struct {
		no   string
		want []string
	}{
		"HTTPS_PROXY and HTTP_PROXY": {want: []string{"CONNECT 0.0.0.0:PORT", "GET a.example.com"}},
		"NO_PROXY":                   {no: "0.0.0.0,example.com"},
		"NO_PROXY for one":           {no: "0.0.0.0", want: []string{"GET a.example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			ca := acmetest.Start(t)
			c := testCluster{t: t, client: clientOf(t, startKube(t)), namespace: "shop", dir: t.TempDir()}
			makeNamespaces(t, c.client, "shop")
			c.requests(ca)
			spec := strings.NewReplacer("https://127.0.0.1:", "https://0.0.0.0:", "caBundle: "+base64.StdEncoding.EncodeToString(ca.Bundle), "skipTLSVerify: true").Replace(acmeSpec(ca, "a"))
			proxy := &forwardProxy{local: ca.HTTP01}
			server := httptest.NewServer(proxy)
			defer server.Close()
			run := exec.Command("kubectl-certs", once(ca, c.file("certs.yaml", spec), "-n", "shop")...)
			run.Env = append(os.Environ(), "HTTPS_PROXY="+server.URL, "HTTP_PROXY="+server.URL, "NO_PROXY="+tt.no, "https_proxy=", "http_proxy=", "no_proxy=")
			if said, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			c.issued(ca, "a")
			_, port, _ := net.SplitHostPort(strings.TrimPrefix(strings.TrimSuffix(ca.Directory, "/dir"), "https://"))
			var want []string
			for _, w := range tt.want {
				want = append(want, strings.Replace(w, "PORT", port, 1))
			}
			proxy.lock.Lock()
			defer proxy.lock.Unlock()
			slices.Sort(proxy.seen)
			if diff := cmp.Diff(want, proxy.seen); diff != "" {
				t.Errorf("requests at the proxy (-want +got):\n%s", diff)
			}
		})
	}
}
