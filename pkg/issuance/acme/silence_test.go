package acme

import (
	"context"
	"crypto/elliptic"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestSilence: when a server is given up on, and when it is asked again.
func TestSilence(t *testing.T) {
	start := time.Now()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	s := silence{limit: silentLimit}
	s.unanswered(at(0), at(25))
	if _, given := s.givenUp(); given {
		t.Error("it is given up on after one request")
	}
	s.answered()
	s.unanswered(at(30), at(55))
	if _, given := s.givenUp(); given {
		t.Error("it is given up on although it answered meanwhile")
	}
	s.unanswered(at(56), at(81))
	if lasts, given := s.givenUp(); !given || lasts != 51*time.Second {
		t.Errorf("after two requests: %s %t", lasts, given)
	}
	err := s.refuse("POST", "https://ca.example.com/order", at(90))
	if err == nil || err.Error() != "POST https://ca.example.com/order: the server accepts connections, but has not answered for 51s" || !isSilent(err) {
		t.Errorf("a request 9 s later: %v", err)
	}
	if err := s.refuse("POST", "", at(141)); err != nil {
		t.Errorf("a request a minute later: %v", err)
	}
	s.unanswered(at(142), at(167))
	if _, given := s.givenUp(); given {
		t.Error("it is given up on for one request long after the others")
	}
}

// TestSilentServer: a server that accepts connections and never answers is given up on within a
// minute, with its name, by all orders; with and without TLS.
func TestSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // only the kernel accepts
	c := Config{Account: issuance.Account{Directory: "https://" + listener.Addr().String() + "/dir", Key: ecKey(t, elliptic.P256())}, Timeout: 500 * time.Millisecond}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	_, err = Open(ctx, c)
	var f *issuance.Failure
	if !errors.As(err, &f) || f.Reason != issuance.ReasonUnavailable || !strings.Contains(f.Detail, listener.Addr().String()) {
		t.Fatalf("%v", err)
	}
}

// testSilent: Pebble stops answering signed requests in the middle of an order, as it does after
// a deadlock, and still serves its directory and nonces.
func testSilent(t *testing.T, l *live) {
	p := l.proxy(t)
	c := p.config(t, l)
	c.Timeout = time.Second
	a := open(t, c)
	first, second := l.request(t, a, "silent.example.com"), l.request(t, a, "silent2.example.com")
	never := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise the end of the connection is not noticed
		<-r.Context().Done()
	}
	f := p.fault(fault{path: "/finalize-order/", times: 1000, before: never})
	g := p.fault(fault{path: "/my-order/", times: 1000, before: never})
	var failure *issuance.Failure
	if _, err := a.Issue(t.Context(), first); !errors.As(err, &failure) || failure.Reason != issuance.ReasonUnavailable || failure.Dead ||
		!strings.Contains(failure.Detail, p.server.URL) || !strings.Contains(failure.Detail, "answer") {
		t.Fatalf("%v", err)
	}
	before := p.count("POST /")
	if _, err := a.Issue(t.Context(), second); !errors.As(err, &failure) || failure.Reason != issuance.ReasonUnavailable || p.count("POST /") != before {
		t.Errorf("the next order sends a request, or: %v", err)
	}
	p.mu.Lock()
	f.times, g.times = 0, 0
	p.mu.Unlock()
	a.wire.silence.answered() // instead of a minute
	l.check(t, issue(t, a, first), first.Names...)
}
