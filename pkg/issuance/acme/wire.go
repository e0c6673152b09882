package acme

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// maxBody is the maximum size of an answer, in bytes.
const maxBody = 1 << 20

// grace is the time that a request in flight, and then the journal, may take after the context
// has ended: an order without a stored URL is lost.
const grace = 5 * time.Second

// wire sends requests to one server, with a limit on concurrency.
type wire struct {
	transport *http.Transport
	slots     chan struct{}
	agent     string
	timeout   time.Duration
	observe   func(time.Duration, bool)
	silence   silence
}

func newWire(c Config) (*wire, error) {
	roots, err := pool(c.CABundle)
	if err != nil {
		return nil, err
	}
	return &wire{
		transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, InsecureSkipVerify: c.SkipVerify},
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			// A dead connection would delay all requests on it.
			HTTP2:               &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
			MaxIdleConns:        c.Parallel,
			MaxIdleConnsPerHost: c.Parallel,
			IdleConnTimeout:     90 * time.Second,
		},
		slots: make(chan struct{}, c.Parallel), agent: c.UserAgent, timeout: c.Timeout, observe: c.Observe,
		silence: silence{limit: min(silentLimit, 2*c.Timeout)},
	}, nil
}

// pool returns the CA bundle's certificates, or nil for the system's roots.
func pool(bundle []byte) (*x509.CertPool, error) {
	if len(bundle) == 0 {
		return nil, nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		return nil, issuance.Failuref(issuance.ReasonAccount, "CA bundle of the ACME server: no PEM certificates")
	}
	return roots, nil
}

// send sends a request and reads the answer. No request starts after the end of the context.
// One in flight that may change something at the CA gets a little time for its answer, so that
// its order is not lost. The error is a *problem if the server rejects the request, a *noResponse
// if it does not answer, or the context's.
func (w *wire) send(ctx context.Context, req *http.Request) (reply, error) {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	start := time.Now()
	if err := w.silence.refuse(req.Method, req.URL.Redacted(), start); err != nil {
		return reply{}, err
	}
	r, err := w.roundTrip(ctx, req)
	if err != nil && ctx.Err() != nil {
		return reply{}, ctx.Err()
	}
	if err == nil && r.status >= http.StatusBadRequest {
		err = newProblem(r)
	}
	w.listen(req, start, err)
	_, busy := temporaryErrorOf(err)
	w.observe(time.Since(start), busy && !hasType(err, badNonce))
	return r, err
}

// listen records whether a request was answered. A server that answers no signed request may
// still serve other pages.
func (w *wire) listen(req *http.Request, start time.Time, err error) {
	var missing *noResponse
	if !errors.As(err, &missing) {
		if req.Method == http.MethodPost {
			w.silence.answered()
		}
		return
	}
	if missing.silent {
		w.silence.unanswered(start, time.Now())
	}
}

func (w *wire) roundTrip(ctx context.Context, req *http.Request) (reply, error) {
	if req.Method == http.MethodPost {
		longer, release := shutdown.Finish(ctx, grace)
		defer release()
		ctx = longer
	}
	ctx, stop := context.WithTimeout(ctx, w.timeout)
	defer stop()
	var accepted, connected atomic.Bool // the server has the connection; it may have received the request
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectDone: func(_, _ string, err error) { accepted.CompareAndSwap(false, err == nil) },
		GotConn:     func(httptrace.GotConnInfo) { accepted.Store(true); connected.Store(true) },
	})
	req = req.Clone(ctx)
	if req.Header.Get("User-Agent") == "" { // lego omits it in requests for renewal information
		req.Header.Set("User-Agent", w.agent)
	}
	resp, err := w.transport.RoundTrip(req)
	if err != nil {
		missing := w.noResponse(ctx, req, err, connected.Load())
		missing.silent = missing.silent && accepted.Load()
		return reply{}, missing
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("the answer exceeds %d bytes", maxBody)
	}
	if err != nil {
		return reply{}, w.noResponse(ctx, req, err, true)
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

func (w *wire) noResponse(ctx context.Context, req *http.Request, err error, sent bool) *noResponse {
	text := err.Error()
	var slow net.Error // such as a TLS handshake
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	if late {
		text = fmt.Sprintf("no answer in %s", w.timeout)
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		text += "; set the issuer's caBundle"
	}
	return &noResponse{text: req.Method + " " + req.URL.Redacted() + ": " + text, sent: sent, final: isPermanent(err), silent: late || errors.As(err, &slow) && slow.Timeout()}
}

// isPermanent reports whether an error persists until the configuration changes.
func isPermanent(err error) bool {
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError // the server does not use TLS
	var dns *net.DNSError
	return errors.As(err, &untrusted) || errors.As(err, &plain) || errors.As(err, &dns) && dns.IsNotFound
}

// nonces are unused nonces from answers (RFC 8555 §6.5). The newest is used first: servers may
// discard old ones.
type nonces struct {
	mu   sync.Mutex
	kept []nonce
}

type nonce struct {
	value string
	at    time.Time
}

const (
	maxNonces = 256
	nonceAge  = 5 * time.Minute
)

func (n *nonces) put(value string, now time.Time) {
	if value == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.kept) == maxNonces {
		n.kept = slices.Delete(n.kept, 0, 1)
	}
	n.kept = append(n.kept, nonce{value: value, at: now})
}

func (n *nonces) take(now time.Time) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.kept) == 0 {
		return "", false
	}
	newest := n.kept[len(n.kept)-1]
	if now.Sub(newest.at) > nonceAge {
		n.kept = nil // the others are older
		return "", false
	}
	n.kept = n.kept[:len(n.kept)-1]
	return newest.value, true
}
