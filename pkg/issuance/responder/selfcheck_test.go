package responder

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// shop is a challenge that the responders of these tests answer.
var shop = issuance.Challenge{Name: "shop.example.com", Token: strings.Repeat("t", 43), KeyAuthorization: strings.Repeat("t", 43) + ".thumb"}

// answering is a responder for shop.
func answering(t *testing.T) *Responder {
	t.Helper()
	r := &Responder{}
	if err := (HTTP{Responder: r}).Present(t.Context(), []issuance.Challenge{shop}); err != nil {
		t.Fatal(err)
	}
	return r
}

// serveAt serves a handler at an address until the test ends, and returns the port. The test is
// skipped on a machine without IPv6.
func serveAt(t *testing.T, address string, handler http.Handler) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil && strings.HasPrefix(address, "[") {
		t.Skipf("no IPv6: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(handler)
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port
}

// TestCheckAddresses: the check succeeds and fails as the validation of Let's Encrypt does. It
// connects to an IPv6 address first, and to an IPv4 address only if that fails.
func TestCheckAddresses(t *testing.T) {
	const v4, v6 = "127.0.0.1", "::1"
	wrong := http.NotFoundHandler()
	for name, tt := range map[string]struct {
		addresses []string
		right     string // where the responder listens
		wrong     string // where another server listens
		want      string // part of the error, with PORT and DNS; "" for none
	}{
		"IPv4 only":                       {addresses: []string{v4}, right: v4},
		"IPv6 only":                       {addresses: []string{v6}, right: v6},
		"both, and a responder for all":   {addresses: []string{v4, v6}, right: "::"},
		"both, IPv6 is dead":              {addresses: []string{v4, v6}, right: v4},
		"both, IPv4 is dead":              {addresses: []string{v4, v6}, right: v6},
		"both, IPv6 answers wrongly":      {addresses: []string{v4, v6}, right: v4, wrong: v6, want: "http://shop.example.com" + Path + shop.Token + " at [::1]:PORT answers 404 Not Found: not the key authorization"},
		"both, only IPv4 answers wrongly": {addresses: []string{v4, v6}, right: v6, wrong: v4},
		"none":                            {right: v4, want: "lookup shop.example.com. on DNS: no such host"},
	} {
		t.Run(name, func(t *testing.T) {
			names := acmetest.StartDNS(t)
			names.SetAddresses("shop.example.com.", tt.addresses...)
			c := NewChecker([]string{names.Address})
			c.port = serveAt(t, net.JoinHostPort(tt.right, "0"), answering(t))
			if tt.wrong != "" {
				serveAt(t, net.JoinHostPort(tt.wrong, c.port), wrong)
			}
			err := c.Check(t.Context(), shop)
			want := strings.NewReplacer("PORT", c.port, "DNS", names.Address).Replace(tt.want)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}

// TestCheckIP: an IPv6 address is a name too.
func TestCheckIP(t *testing.T) {
	r := &Responder{}
	one := shop
	one.Name = "::1"
	if err := (HTTP{Responder: r}).Present(t.Context(), []issuance.Challenge{one}); err != nil {
		t.Fatal(err)
	}
	c := NewChecker(nil)
	c.port = serveAt(t, "[::1]:0", r)
	if err := c.Check(t.Context(), one); err != nil {
		t.Error(err)
	}
}

// TestExplain: split DNS is the likely cause if this machine gets a private address or none, and a
// public name server another one.
func TestExplain(t *testing.T) {
	const public, private, host = "203.0.113.7", "10.0.0.5", "shop.example.com"
	for name, tt := range map[string]struct {
		host        string
		here, there []string
		given       bool // name servers for the check
		proxied     bool
		want        string // HERE and THERE of the explanation, "" for none
	}{
		"private here":            {here: []string{private}, there: []string{public}, want: "10.0.0.5 here, and to 203.0.113.7"},
		"one of two private here": {here: []string{public, "fd00::1"}, there: []string{public}, want: "203.0.113.7, fd00::1 here, and to 203.0.113.7"},
		"unknown here":            {there: []string{public, "2001:db8::7"}, want: "no address here, and to 203.0.113.7, 2001:db8::7"},
		"other address here":      {here: []string{"203.0.113.8"}, there: []string{public}}, // a load balancer may do this
		"private everywhere":      {here: []string{private}, there: []string{"10.0.0.6"}},
		"the same":                {here: []string{private}, there: []string{private}},
		"unknown everywhere":      {},
		"private, unknown there":  {here: []string{private}},
		"given name servers":      {here: []string{private}, there: []string{public}, given: true},
		"a proxy":                 {here: []string{private}, there: []string{public}, proxied: true},
		"an IP address":           {host: private, here: []string{private}, there: []string{public}},
	} {
		t.Run(name, func(t *testing.T) {
			inside, dead, outside := acmetest.StartDNS(t), acmetest.StartDNS(t), acmetest.StartDNS(t)
			inside.SetAddresses(host+".", tt.here...)
			dead.SetAddresses(host + ".")
			outside.SetAddresses(host+".", tt.there...)
			c := NewChecker(nil)
			if tt.given {
				c = NewChecker([]string{inside.Address})
			}
			c.proxy = nil
			if tt.proxied {
				c.proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "192.0.2.1:3128"})
			}
			c.local, c.public = resolverOf([]string{inside.Address}), []string{dead.Address, outside.Address}
			asked := host
			if tt.host != "" {
				asked = tt.host
			}
			cause := errors.New("404")
			err := c.Explain(t.Context(), asked, cause)
			want := "404"
			if tt.want != "" {
				want += "; split DNS is the likely cause: shop.example.com resolves to " + tt.want + " at name server " + outside.Address +
					"; use that one for the self-check: --acme-http01-solver-nameservers " + outside.Address
			}
			if err.Error() != want || !errors.Is(err, cause) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// answers are what a web server says, without a network.
type answers func() (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := a()
	if err == nil {
		answer.Request = q
	}
	return answer, err
}

func saying(status int, text string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(text))}, nil
}

// TestAwait: the solver waits for a right answer, for some time, and logs an answer that stays
// wrong. Without a connection it does not wait.
func TestAwait(t *testing.T) {
	for name, tt := range map[string]struct {
		answers answers
		took    time.Duration
		log     string
	}{
		"right":       {answers: func() (*http.Response, error) { return saying(200, shop.KeyAuthorization) }},
		"wrong":       {answers: func() (*http.Response, error) { return saying(404, "") }, took: settleTime, log: "the self-check of a challenge failed; the CA may get another answer"},
		"unreachable": {answers: func() (*http.Response, error) { return nil, errors.New("connection refused") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				c := NewChecker([]string{"192.0.2.1:53"})
				c.client.Transport = tt.answers
				h := HTTP{Responder: &Responder{}, SelfCheck: &SelfCheck{Checker: c, Log: slog.New(slog.NewTextHandler(&log, nil))}}
				begin := time.Now()
				if err := h.Present(t.Context(), []issuance.Challenge{shop}); err != nil {
					t.Error(err)
				}
				if took := time.Since(begin); took != tt.took {
					t.Errorf("took %s, want %s", took, tt.took)
				}
				if said := log.String(); !strings.Contains(said, tt.log) || tt.log == "" && said != "" || tt.log != "" && !strings.Contains(said, "host=shop.example.com") {
					t.Errorf("logs %s", said)
				}
			})
		})
	}
}
