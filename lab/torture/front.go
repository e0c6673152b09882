package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// front is a TLS server in front of Pebble. It counts orders and can spoil
// answers.
type front struct {
	lab       *cluster
	server    *http.Server
	url       string // of the directory
	authority []byte // its certificate, which signs itself
	pair      tls.Certificate
	lock      sync.Mutex
	orders    int
	nonce     string // the first that was given out
	request   *x509.CertificateRequest
	spoil     *spoil
	phase     string
	times     int // how often it still spoils
	spoiled   int
}

// answer is what Pebble said.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

func (t *trial) front() *front {
	f := &front{lab: t.lab}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "torture"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(err)
	f.pair = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	f.authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	config := &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return f.handshake() }}
	f.server = &http.Server{Handler: f, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	f.url = "https://" + listener.Addr().String() + t.lab.acmeURL().Path
	go func() { _ = f.server.Serve(tls.NewListener(listener, config)) }()
	return f
}

func (f *front) close() { _ = f.server.Close() }

// handshake is where a spoil may end a connection.
func (f *front) handshake() (*tls.Config, error) {
	if f.use("tls") {
		return f.spoil.handshake(f)
	}
	return &tls.Config{Certificates: []tls.Certificate{f.pair}}, nil
}

// arm makes it spoil answers of one phase, so many of them.
func (f *front) arm(s *spoil, phase string, times int) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.spoil, f.phase, f.times, f.spoiled = s, phase, times, 0
}

// use says whether to spoil, and counts it.
func (f *front) use(phase string) bool {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.spoil == nil || f.times == 0 || f.phase != phase {
		return false
	}
	f.times--
	f.spoiled++
	return true
}

// firstNonce is one that was used.
func (f *front) firstNonce() string {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.nonce
}

// used says how many answers were spoiled.
func (f *front) used() int {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.spoiled
}

// count says how many orders were made.
func (f *front) count() int {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.orders
}

// phaseOf names what a request is for, by Pebble's paths.
func phaseOf(path string) string {
	for _, p := range [][2]string{
		{"/dir", "directory"}, {"/nonce", "nonce"}, {"/sign-me-up", "account"}, {"/order-plz", "order"}, {"/authZ", "authorization"},
		{"/chalZ", "challenge"}, {"/finalize", "finalize"}, {"/my-order", "poll"}, {"/certZ", "certificate"}, {"/draft", "renewal"},
	} {
		if strings.HasPrefix(path, p[0]) {
			return p[1]
		}
	}
	return "other"
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	phase := phaseOf(r.URL.Path)
	a, err := f.forward(r, phase)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if f.use(phase) && f.spoil.answer(f, w, r, a) {
		return
	}
	for key, values := range a.header {
		w.Header()[key] = values
	}
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body)
}

// forward has Pebble answer. The Host stays: Pebble makes its URLs from it.
func (f *front) forward(r *http.Request, phase string) (*answer, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if phase == "finalize" {
		f.remember(body)
	}
	q, err := http.NewRequestWithContext(r.Context(), r.Method, "https://"+f.lab.acmeURL().Host+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	q.Header, q.Host = r.Header.Clone(), r.Host
	q.Header.Set("Accept-Encoding", "identity")
	back, err := f.lab.client.Transport.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	defer back.Body.Close()
	a := &answer{code: back.StatusCode, header: back.Header}
	a.header.Del("Content-Length")
	a.body, err = io.ReadAll(back.Body)
	f.lock.Lock()
	defer f.lock.Unlock()
	if phase == "order" && a.code == http.StatusCreated {
		f.orders++
	}
	if f.nonce == "" {
		f.nonce = a.header.Get("Replay-Nonce")
	}
	return a, err
}

// remember keeps the certificate request of an order that is finalized.
func (f *front) remember(body []byte) {
	var signed struct{ Payload string }
	var payload struct{ CSR string }
	if json.Unmarshal(body, &signed) != nil {
		return
	}
	text, _ := base64.RawURLEncoding.DecodeString(signed.Payload)
	_ = json.Unmarshal(text, &payload)
	der, _ := base64.RawURLEncoding.DecodeString(payload.CSR)
	if request, err := x509.ParseCertificateRequest(der); err == nil {
		f.lock.Lock()
		f.request = request
		f.lock.Unlock()
	}
}

// sign makes a certificate chain as the request wants it, but for what change
// changes.
func (f *front) sign(change func(*x509.Certificate, *any)) []byte {
	f.lock.Lock()
	request := f.request
	f.lock.Unlock()
	if request == nil {
		return nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: request.DNSNames,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	public := request.PublicKey
	change(template, &public)
	root, err := x509.ParseCertificate(f.pair.Certificate[0])
	must(err)
	der, err := x509.CreateCertificate(rand.Reader, template, root, public, f.pair.PrivateKey)
	must(err)
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), f.authority...)
}

// spoil is one way in which an ACME server misbehaves.
type spoil struct {
	name   string
	phases string // separated by blanks
	// answer changes what Pebble said, or answers itself and says so.
	answer    func(f *front, w http.ResponseWriter, r *http.Request, a *answer) bool
	handshake func(f *front) (*tls.Config, error)
}

// Requests by what their answers are like.
const (
	posts   = "account order authorization challenge finalize poll certificate"
	answers = "directory nonce " + posts
	orders  = "order poll finalize"
)
