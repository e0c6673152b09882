package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"golang.org/x/crypto/acme"
)

// TestPebbleAnswers: many clients that poll without a pause do not stop Pebble. Without noDeadlock
// it stops within a few hundred orders.
func TestPebbleAnswers(t *testing.T) {
	for _, setting := range []string{"PEBBLE_VA_ALWAYS_VALID", "PEBBLE_VA_NOSLEEP"} {
		t.Setenv(setting, "1")
	}
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	t.Setenv("PEBBLE_AUTHZREUSE", "0")
	logger, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	authority := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: 3600}})
	front := wfe.New(logger, store, va.New(logger, 1, 1, false, "", store), authority, nil, false, false, 1, 1)
	server := httptest.NewTLSServer(noDeadlock(front.Handler(), store))
	defer server.CloseClientConnections()
	const clients, orders = 16, 800
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			client := server.Client()
			client.Timeout = 20 * time.Second
			c := &acme.Client{Key: key(t), HTTPClient: client, DirectoryURL: server.URL + wfe.DirectoryPath}
			if _, err := c.Register(t.Context(), &acme.Account{}, acme.AcceptTOS); err != nil {
				t.Error(err)
				return
			}
			for n := next.Add(1); n <= orders; n = next.Add(1) {
				if err := obtain(t, c, fmt.Sprintf("h%d.example.com", n)); err != nil {
					t.Errorf("order %d: %v", n, err)
					next.Store(orders)
				}
			}
		})
	}
	all.Wait()
}

// obtain obtains a certificate, with polls in a tight loop.
func obtain(t *testing.T, c *acme.Client, name string) error {
	ctx := t.Context()
	o, err := c.AuthorizeOrder(ctx, acme.DomainIDs(name))
	if err != nil {
		return err
	}
	authz, err := c.GetAuthorization(ctx, o.AuthzURLs[0])
	if err != nil {
		return err
	}
	if _, err := c.Accept(ctx, authz.Challenges[0]); err != nil {
		return err
	}
	if err := poll(ctx, c, o.URI, acme.StatusReady); err != nil {
		return err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key(t))
	if err != nil {
		return err
	}
	finalized, stop := context.WithCancel(ctx)
	go func() { defer stop(); c.CreateOrderCert(ctx, o.FinalizeURL, csr, true) }()
	defer func() { <-finalized.Done() }()
	return poll(ctx, c, o.URI, acme.StatusValid)
}

func poll(ctx context.Context, c *acme.Client, url, status string) error {
	for {
		o, err := c.GetOrder(ctx, url)
		if err != nil || o.Status == status {
			return err
		}
	}
}

func key(t *testing.T) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
