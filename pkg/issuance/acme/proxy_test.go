package acme

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// proxy is in front of Pebble and simulates faults of networks and load balancers.
type proxy struct {
	server *httptest.Server

	mu     sync.Mutex
	faults []*fault
	seen   []string // "POST /order-plz" of forwarded requests
}

// fault is what happens to a number of requests for a path.
type fault struct {
	path  string // prefix
	times int
	// before answers instead of Pebble; after drops Pebble's answer.
	before func(http.ResponseWriter, *http.Request)
	after  func(http.ResponseWriter, *http.Request)
}

func (l *live) proxy(t *testing.T) *proxy {
	t.Helper()
	target, err := url.Parse(l.Env["ACME_DIRECTORY"])
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{}
	pebble := &httputil.ReverseProxy{
		Transport: l.management.Transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.Host = r.In.Host // Pebble builds its URLs from it, and checks it
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := p.next(r)
		switch {
		case f == nil:
			pebble.ServeHTTP(w, r)
		case f.before != nil:
			f.before(w, r)
		default:
			lost := httptest.NewRecorder()
			pebble.ServeHTTP(lost, r)
			if strings.Contains(lost.Body.String(), badNonce) { // nothing was processed
				p.again(f)
				w.Header().Set("Replay-Nonce", lost.Header().Get("Replay-Nonce"))
				w.WriteHeader(lost.Code)
				w.Write(lost.Body.Bytes())
				return
			}
			f.after(w, r)
		}
	}))
	t.Cleanup(p.server.Close)
	return p
}

// next returns the fault for a request, if any.
func (p *proxy) next(r *http.Request) *fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if f.times > 0 && strings.HasPrefix(r.URL.Path, f.path) {
			f.times--
			return f
		}
	}
	p.seen = append(p.seen, r.Method+" "+r.URL.Path)
	return nil
}

func (p *proxy) again(f *fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.times++
}

func (p *proxy) fault(f fault) *fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
	return &f
}

// count returns the number of forwarded requests for a path.
func (p *proxy) count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, one := range p.seen {
		if strings.HasPrefix(one, path) {
			n++
		}
	}
	return n
}

// config returns the configuration of a new account that uses the proxy.
func (p *proxy) config(t *testing.T, l *live) Config {
	c := l.config(t)
	c.Directory = p.server.URL + "/dir"
	c.CABundle = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw})
	return c
}

// drop closes the connection.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// says returns a handler that answers with a status, a Retry-After in seconds and a problem.
func says(status int, retry, kind string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retry != "" {
			w.Header().Set("Retry-After", retry)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		if kind != "" {
			w.Write([]byte(`{"type":"` + errorNamespace + kind + `","detail":"the proxy says so"}`))
		}
	}
}
