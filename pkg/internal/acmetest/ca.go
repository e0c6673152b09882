package acmetest

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// CA is a running CA.
type CA struct {
	// Directory is the URL of the ACME directory.
	Directory string
	// Bundle is the certificate of the ACME server, in PEM.
	Bundle []byte
	// Roots holds the root of the certificates that it issues.
	Roots *x509.CertPool
	// HTTP01 is the address at which it expects answers to HTTP-01 challenges.
	HTTP01 string
	// DNS is where it looks up names.
	DNS *DNS
}

// Start starts a CA that ends with the test.
func Start(t testing.TB) *CA {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "5")
	t.Setenv("PEBBLE_AUTHZREUSE", "0")
	const day = 24 * 60 * 60
	quiet, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	authority := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "90 days", ValidityPeriod: 90 * day}})
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	challenges, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	names := StartDNS(t)
	validator := va.New(quiet, challenges, 0, false, names.Address, store)
	front := wfe.New(quiet, store, validator, authority, nil, false, false, 1, 1)
	server := httptest.NewUnstartedServer(oneAtATime(front.Handler()))
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	root := authority.GetRootCert(0)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root.PEM()) {
		t.Fatal("the root of Pebble cannot be read")
	}
	return &CA{
		Directory: server.URL + wfe.DirectoryPath, Roots: roots, HTTP01: address, DNS: names,
		Bundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
	}
}

// freeAddress returns a loopback address at which nothing listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// oneAtATime avoids a deadlock of Pebble: a request for an authorization locks
// that and then the store, and a request for an order does it the other way
// round.
func oneAtATime(pebble http.Handler) http.Handler {
	var mu sync.RWMutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case strings.HasPrefix(path, "/authZ/"), strings.HasPrefix(path, "/list-orderz/"): // that locks all orders
			mu.Lock()
			defer mu.Unlock()
		case strings.Contains(path, "order"): // /order-plz, /my-order/, /finalize-order/
			mu.RLock()
			defer mu.RUnlock()
		}
		pebble.ServeHTTP(w, r)
	})
}
