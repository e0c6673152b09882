package acme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// makeOrder creates an order without journalling it, like a process that is killed right after.
func makeOrder(t *testing.T, l *live, c Config, name string) string {
	t.Helper()
	a := open(t, c)
	r := l.request(t, a, name)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var url string
	r.Ordered = func(_ context.Context, order string) error { url = order; stop(); return errors.New("gone") }
	if _, err := a.Issue(ctx, r); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return url
}

// testLeftBehind: an order that an earlier process created without journalling it is used once;
// a journalled one is not.
func testLeftBehind(t *testing.T, l *live) {
	const name = "left.example.com"
	p := l.proxy(t)
	c := p.config(t, l)
	for range 5 { // more than one page of Pebble's, and finished
		issue(t, open(t, c), l.request(t, open(t, c), "older.example.com"))
	}
	left, kept := makeOrder(t, l, c, name), makeOrder(t, l, c, "kept.example.com")
	c.Journalled = func(url string) bool { return url == kept }
	before := p.count("POST /list-orderz/")
	a := open(t, c)
	if chain := issue(t, a, l.request(t, a, name)); chain.Order != left {
		t.Errorf("made order %s, left %s behind", chain.Order, left)
	}
	pages := p.count("POST /list-orderz/")
	if pages < before+3 {
		t.Errorf("read %d pages of the list, want all", pages-before)
	}
	if chain := issue(t, a, l.request(t, a, name)); chain.Order == left {
		t.Error("the same order was used twice")
	}
	if chain := issue(t, a, l.request(t, a, "kept.example.com")); chain.Order == kept {
		t.Error("an order that is in use was taken")
	}
	if n := p.count("POST /list-orderz/"); n != pages {
		t.Errorf("the list is read once more, %d pages", n-pages)
	}
}

// testLongList: only the last thousand orders of an account are read, and a list without end is
// not read completely.
func testLongList(t *testing.T, l *live) {
	const name = "long.example.com"
	p := l.proxy(t)
	c := p.config(t, l)
	left := makeOrder(t, l, c, name)
	old := p.server.URL + "/my-order/old"
	looks := p.fault(fault{path: "/my-order/old", times: 1e9, before: func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"valid","identifiers":[{"type":"dns","value":"old.example.com"}]}`)
	}})
	pages := p.fault(fault{path: "/list-orderz/", times: 1e9, before: func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(path.Base(r.URL.Path)) // 0 for the first
		urls := []string{}
		for i := range 100 {
			urls = append(urls, fmt.Sprintf("%s-%d-%d", old, page, i))
		}
		if page == 50 {
			urls[50] = left
		} else {
			w.Header().Set("Link", fmt.Sprintf(`<%s/list-orderz/x/page/%d>;rel="next"`, p.server.URL, page+1))
		}
		json.NewEncoder(w).Encode(map[string]any{"orders": urls})
	}})
	a := open(t, c)
	if chain := issue(t, a, l.request(t, a, name)); chain.Order != left {
		t.Errorf("made order %s, left %s behind", chain.Order, left)
	}
	if used := 1e9 - looks.times; used != 999 {
		t.Errorf("looked at %d orders, want 999", used)
	}
	a.orphans.lose("elsewhere.example.com", time.Now())
	issue(t, a, l.request(t, a, "elsewhere.example.com"))
	if used := 1e9 - looks.times; used != 999 {
		t.Errorf("looked at %d orders twice", used-999)
	}

	pages.before = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "<"+p.server.URL+r.URL.Path+`>;rel="next"`)
		fmt.Fprint(w, `{"orders":[]}`)
	}
	a = open(t, c)
	a.orphans.budget = time.Second
	start := time.Now()
	issue(t, a, l.request(t, a, name))
	if took := time.Since(start); took < 500*time.Millisecond || took > 2*time.Second {
		t.Errorf("a list without end takes %s", took)
	}
}

// testAnswersLost: the server processes a request, and its answer does not arrive. No request
// is repeated that must not be.
func testAnswersLost(t *testing.T, l *live) {
	for name, f := range map[string]fault{
		"new-order":     {path: "/order-plz", after: drop},
		"new-order-502": {path: "/order-plz", after: says(502, "", "")},
		"authorization": {path: "/authZ/", after: drop},
		"challenge":     {path: "/chalZ/", after: drop},
		"finalize":      {path: "/finalize-order/", after: drop},
		"finalize-500":  {path: "/finalize-order/", after: says(500, "", "serverInternal")},
		"order":         {path: "/my-order/", after: drop},
		"certificate":   {path: "/certZ/", after: drop},
		"nonce":         {path: "/nonce-plz", after: drop},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.proxy(t)
			a, host := open(t, p.config(t, l)), name+".lost.example.com"
			f.times = 1
			p.fault(f)
			chain := issue(t, a, l.request(t, a, host))
			l.check(t, chain, host)
			onlyOrder(t, a, chain.Order, host)
			if again := p.count("POST " + f.path); again > 0 && slices.Contains(onlyOnce, f.path) {
				t.Errorf("%s was done again", f.path)
			}
		})
	}
	t.Run("many at once", func(t *testing.T) { testManyLost(t, l) })
}

// onlyOnce are requests that must not be repeated once processed.
var onlyOnce = []string{"/order-plz", "/chalZ/", "/finalize-order/"}

// testManyLost: the answers to eight new orders are lost at once, and all are found.
func testManyLost(t *testing.T, l *live) {
	p := l.proxy(t)
	a := open(t, p.config(t, l))
	p.fault(fault{path: "/order-plz", times: 8, after: drop})
	var all sync.WaitGroup
	var requests []issuance.Request
	for i := range 8 {
		requests = append(requests, l.request(t, a, fmt.Sprintf("n%d.many-lost.example.com", i)))
	}
	orders := make([]string, len(requests))
	for i := range requests {
		all.Go(func() {
			chain, err := a.Issue(t.Context(), requests[i])
			if orders[i] = chain.Order; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := p.count("POST /order-plz"); n != 0 {
		t.Errorf("%d orders were made again", n)
	}
	for i, r := range requests {
		onlyOrder(t, a, orders[i], r.Names...)
	}
}

// testServerBusy: rejected requests are retried after the requested delay.
func testServerBusy(t *testing.T, l *live) {
	for name, says := range map[string]func(http.ResponseWriter, *http.Request){
		"503":               says(503, "", "rateLimited"),
		"503-without-words": says(503, "", ""),
		"429":               says(429, "", ""),
		"502":               says(502, "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			busy, calm := 0, 0
			p := l.proxy(t)
			c := p.config(t, l)
			c.Observe = func(latency time.Duration, b bool) {
				mu.Lock()
				defer mu.Unlock()
				if b {
					busy++
				} else {
					calm++
				}
				if latency <= 0 {
					t.Errorf("a request took %s", latency)
				}
			}
			a, host := open(t, c), name+".busy.example.com"
			paths := []string{"/order-plz", "/authZ/", "/chalZ/", "/finalize-order/", "/my-order/", "/certZ/"}
			for _, path := range paths {
				p.fault(fault{path: path, times: 1, before: says})
			}
			start := time.Now()
			chain := issue(t, a, l.request(t, a, host))
			onlyOrder(t, a, chain.Order, host)
			if took := time.Since(start); took < time.Duration(len(paths))*100*time.Millisecond {
				t.Errorf("came again at once: %s", took)
			}
			mu.Lock()
			defer mu.Unlock()
			if busy != len(paths) || calm < 8 {
				t.Errorf("seen busy %d times and calm %d times, want %d and more", busy, calm, len(paths))
			}
		})
	}
}

// testRetryAfter: the server's Retry-After is honoured.
func testRetryAfter(t *testing.T, l *live) {
	p := l.proxy(t)
	a := open(t, p.config(t, l))
	p.fault(fault{path: "/order-plz", times: 1, before: says(503, "2", "rateLimited")})
	start := time.Now()
	issue(t, a, l.request(t, a, "after.example.com"))
	if took := time.Since(start); took < 2*time.Second {
		t.Errorf("came again too early: %s", took)
	}
	if n := p.count("HEAD /nonce-plz"); n > 2 {
		t.Errorf("requested %d nonces, although every answer brings one", n)
	}
}

// testRateLimit: a rate limit is reported at once, with its time.
func testRateLimit(t *testing.T, l *live) {
	p := l.proxy(t)
	a := open(t, p.config(t, l))
	p.fault(fault{path: "/order-plz", times: 1, before: says(429, "3600", "rateLimited")})
	start := time.Now()
	_, err := a.Issue(t.Context(), l.request(t, a, "limit.example.com"))
	f := fails(t, err, issuance.Failure{Reason: issuance.ReasonRateLimited, Detail: "the proxy says so (rateLimited)"})
	if in := time.Until(f.RetryAt).Round(time.Minute); in != time.Hour || time.Since(start) > 2*time.Second {
		t.Errorf("retry in %s, told after %s", in, time.Since(start))
	}
	p.fault(fault{path: "/sign-me-up", times: 100, before: says(429, "10800", "rateLimited")})
	_, err = Open(t.Context(), p.config(t, l))
	f = fails(t, err, issuance.Failure{Reason: issuance.ReasonRateLimited, Detail: "the proxy says so (rateLimited)"})
	if in := time.Until(f.RetryAt).Round(time.Minute); in != 3*time.Hour {
		t.Errorf("retry in %s", in)
	}
}

// testHopeless: permanent errors are reported at once; temporary errors after the patience.
func testHopeless(t *testing.T, l *live) {
	p := l.proxy(t)
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"untrusted":  {func(c *Config) { c.CABundle = nil }, "certificate signed by unknown authority; set the issuer's caBundle"},
		"no host":    {func(c *Config) { c.Directory = "https://acme.invalid/dir" }, "no such host"},
		"not ACME":   {func(c *Config) { c.Directory = p.server.URL + "/dir?x" }, "not an ACME directory"},
		"not there":  {func(c *Config) { c.Directory = p.server.URL + "/nothing" }, "HTTP 404 Not Found"},
		"not https":  {func(c *Config) { c.Directory = strings.Replace(l.Env["DNS_API"], "http:", "https:", 1) }, "first record does not look like a TLS handshake"},
		"not at all": {func(c *Config) { c.Directory, c.Unavailable = "https://127.0.0.1:1/dir", time.Second }, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			c := p.config(t, l)
			tt.change(&c)
			if name == "not ACME" {
				p.fault(fault{path: "/dir", times: 1, before: func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }})
			}
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			_, err := Open(ctx, c)
			var f *issuance.Failure
			if !errors.As(err, &f) || !strings.Contains(f.Detail, tt.want) || ctx.Err() != nil {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	c := p.config(t, l)
	c.SkipVerify, c.CABundle = true, nil
	open(t, c)
}
