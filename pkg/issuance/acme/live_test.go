package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// live is a lab with a responder for http-01.
type live struct {
	*labtest.Lab
	t          testing.TB
	bundle     []byte       // of the server's TLS certificate
	management *http.Client // Pebble's management API
	responder  *responder
}

func startLive(t testing.TB) *live {
	t.Helper()
	l := &live{Lab: labtest.Start(t), t: t, responder: &responder{}}
	bundle, err := os.ReadFile(l.Env["ACME_CA"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	l.bundle = bundle
	l.management = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	listener, err := net.Listen("tcp", "127.0.0.1:"+l.Env["HTTP01_PORT"])
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: l.responder}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return l
}

// responder answers every http-01 challenge of the accounts with a known thumbprint, by host,
// and stores no tokens (RFC 8555 §8.3).
type responder struct {
	thumbprints sync.Map
	hits        atomic.Int64
	slow        atomic.Pointer[chan struct{}] // answers wait for it
}

func (r *responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.hits.Add(1)
	if wait := r.slow.Load(); wait != nil {
		select {
		case <-*wait:
		case <-req.Context().Done():
		}
	}
	host, _, _ := net.SplitHostPort(req.Host)
	thumbprint, ok := r.thumbprints.Load(host)
	if !ok {
		http.Error(w, "nobody here", http.StatusNotFound)
		return
	}
	io.WriteString(w, path.Base(req.URL.Path)+"."+thumbprint.(string))
}

// config returns the configuration of an account with a new key.
func (l *live) config(t testing.TB) Config {
	return Config{
		Account:   issuance.Account{Directory: l.Env["ACME_DIRECTORY"], CABundle: l.bundle, Key: ecKey(t, elliptic.P256())},
		UserAgent: "test",
	}
}

func open(t testing.TB, c Config) *Account {
	t.Helper()
	a, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ecKey(t testing.TB, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// testSolver does nothing but record its calls, as the responder needs no preparation.
type testSolver struct {
	mu               sync.Mutex
	presented, taken []issuance.Challenge
	present          func(context.Context, []issuance.Challenge) error // if not nil
	cleanUp          func(context.Context, []issuance.Challenge) error // if not nil
	presents, cleans int
}

func (p *testSolver) Present(ctx context.Context, cs []issuance.Challenge) error {
	p.mu.Lock()
	p.presented, p.presents = append(p.presented, cs...), p.presents+1
	p.mu.Unlock()
	if p.present != nil {
		return p.present(ctx, cs)
	}
	return nil
}

func (p *testSolver) CleanUp(ctx context.Context, cs []issuance.Challenge) error {
	p.mu.Lock()
	p.taken, p.cleans = append(p.taken, cs...), p.cleans+1
	p.mu.Unlock()
	if p.cleanUp != nil {
		return p.cleanUp(ctx, cs)
	}
	return nil
}

// by returns a Request.Solver that always returns the same solver.
func by(kind string, p issuance.Solver) func(string, bool, []string) (issuance.ChosenSolver, error) {
	return func(string, bool, []string) (issuance.ChosenSolver, error) {
		return issuance.ChosenSolver{Type: kind, Solver: p}, nil
	}
}

// request returns a request for names that the responder answers for.
func (l *live) request(t testing.TB, a *Account, names ...string) issuance.Request {
	t.Helper()
	for _, name := range names {
		l.responder.thumbprints.Store(name, a.Thumbprint())
	}
	return issuance.Request{Names: names, CSR: csr(t, names...), Solver: by(issuance.HTTP01, &testSolver{})}
}

func csr(t testing.TB, names ...string) []byte {
	t.Helper()
	template := &x509.CertificateRequest{}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, ecKey(t, elliptic.P256()))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func issue(t testing.TB, a *Account, r issuance.Request) issuance.Chain {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	chain, err := a.Issue(ctx, r)
	if err != nil {
		t.Fatalf("%v: %v", r.Names, err)
	}
	return chain
}

// check verifies a chain with the roots from Pebble's management API.
func (l *live) check(t testing.TB, chain issuance.Chain, names ...string) []*x509.Certificate {
	t.Helper()
	certs, err := pki.Parse(chain.PEM)
	if err != nil {
		t.Fatal(err)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(l.side(t, "/roots/0")))
	roots.AppendCertsFromPEM([]byte(l.side(t, "/roots/1")))
	for _, c := range certs[1:] {
		between.AddCert(c)
	}
	for _, name := range names {
		host := strings.Replace(name, "*", "x", 1)
		if _, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: host}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := len(certs[0].DNSNames) + len(certs[0].IPAddresses); got != len(names) {
		t.Errorf("the certificate is for %d names, want %d", got, len(names))
	}
	return certs
}

// side sends a request to Pebble's management API.
func (l *live) side(t testing.TB, path string) string {
	t.Helper()
	resp, err := l.management.Get(l.Env["ACME_MANAGEMENT"] + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
