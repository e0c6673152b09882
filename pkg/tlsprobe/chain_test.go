package tlsprobe

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestChain(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	chain, err := Chain(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if len(chain) != 1 || !chain[0].Equal(server.Certificate()) {
		t.Errorf("got %d certificates", len(chain))
	}
}

// listen answers every connection in its own way.
func listen(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer(conn)
		}
	}()
	return l.Addr().String()
}

func TestChainErrors(t *testing.T) {
	closed := listen(t, func(net.Conn) {})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("stopped"))
	for name, tt := range map[string]struct {
		ctx           context.Context
		address, want string
	}{
		"no port":  {t.Context(), "localhost", "localhost: not a host and port"},
		"none":     {t.Context(), gone, "connection refused"},
		"stopped":  {stopped, closed, "connect to " + closed + ": stopped"},
		"no TLS":   {t.Context(), listen(t, func(c net.Conn) { c.Write([]byte("220 mail\r\n")); c.Close() }), "does not look like a TLS handshake"},
		"hangs up": {t.Context(), listen(t, func(c net.Conn) { c.Close() }), "connect to "},
	} {
		t.Run(name, func(t *testing.T) {
			chain, err := Chain(tt.ctx, tt.address)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %d certificates and error %v, want %s", len(chain), err, tt.want)
			}
		})
	}
}

// TestChains: a server with two key types returns both certificates, and one that requests
// client certificates returns its own anyway.
func TestChains(t *testing.T) {
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	both := []tls.Certificate{selfSigned(t, "ec", ecKey), selfSigned(t, "rsa", rsaKey)}
	for name, tt := range map[string]struct {
		config *tls.Config
		want   string
	}{
		"two keys":                    {&tls.Config{Certificates: both}, "ec rsa"},
		"one key":                     {&tls.Config{Certificates: both[1:]}, "rsa"},
		"only TLS 1.3":                {&tls.Config{Certificates: both[:1], MinVersion: tls.VersionTLS13}, "ec"},
		"keys by RSA only, as of old": {&tls.Config{Certificates: both[1:], MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}, "rsa"},
		"mutual TLS 1.3":              {&tls.Config{Certificates: both[:1], ClientAuth: tls.RequireAnyClientCert}, "ec"},
		"mutual TLS 1.2 at most":      {&tls.Config{Certificates: both, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, "ec rsa"},
	} {
		t.Run(name, func(t *testing.T) {
			address := listen(t, func(c net.Conn) {
				_ = tls.Server(c, tt.config).Handshake() // the client says how it went
				c.Close()
			})
			chains, err := Chains(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, chain := range chains {
				names = append(names, chain[0].Subject.CommonName)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("sends %q, want %q", got, tt.want)
			}
		})
	}
}

// TestChainsErrors: a server that closes the connection for one key type is accepted if it does
// so again; other failures are retried or returned.
func TestChainsErrors(t *testing.T) {
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, both := selfSigned(t, "ec", ecKey), []tls.Certificate{selfSigned(t, "ec", ecKey), selfSigned(t, "rsa", rsaKey)}
	never := errors.New("hangs up")
	for name, tt := range map[string]struct {
		config *tls.Config
		drops  map[int]bool // connections that are cut
		alerts bool         // it says why it hangs up
		want   string
	}{
		"hangs up on RSA": {config: &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if slices.Contains(hello.CipherSuites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) {
				return &tls.Config{Certificates: []tls.Certificate{ec}}, nil
			}
			return nil, never
		}}, want: "ec"},
		"fails on one by chance": {config: &tls.Config{GetConfigForClient: failOnce(both)}, alerts: true, want: "ec rsa"},
		"drops one by chance":    {config: &tls.Config{Certificates: both}, drops: map[int]bool{3: true}, want: "ec rsa"},
		"drops one of many":      {config: &tls.Config{Certificates: both}, drops: map[int]bool{3: true, 4: true}, want: "connect to "},
		"drops most":             {config: &tls.Config{Certificates: both}, drops: map[int]bool{1: true}, want: "connect to "},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			address := listen(t, func(c net.Conn) {
				defer c.Close()
				if n++; tt.drops[n] {
					return
				}
				tls.Server(quiet(tt.alerts, c), tt.config).Handshake() // the client says how it went
			})
			chains, err := Chains(t.Context(), address)
			var names []string
			for _, chain := range chains {
				names = append(names, chain[0].Subject.CommonName)
			}
			if got := strings.Join(names, " "); got != tt.want && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("sends %q, error %v; want %s", got, err, tt.want)
			}
		})
	}
}

// failOnce is a server that has no certificate for a moment, and says that it
// is its own fault.
func failOnce(both []tls.Certificate) func(*tls.ClientHelloInfo) (*tls.Config, error) {
	failed := false
	return func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if !slices.Contains(hello.CipherSuites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) && !failed {
			failed = true
			return nil, errors.New("not now")
		}
		return &tls.Config{Certificates: both}, nil
	}
}

// silent is a connection on which a server sends no alert: it hangs up.
type silent struct{ net.Conn }

func quiet(alerts bool, c net.Conn) net.Conn {
	if alerts {
		return c
	}
	return silent{c}
}

func (s silent) Write(p []byte) (int, error) {
	const alert = 21
	if len(p) > 0 && p[0] == alert {
		return 0, s.Close()
	}
	return s.Conn.Write(p)
}

func selfSigned(t *testing.T, name string, key crypto.Signer) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
