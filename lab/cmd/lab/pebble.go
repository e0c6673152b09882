package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/core"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// pebble is what its own main does, listening on loopback alone. It keeps
// everything in memory.
func pebble(s *lab.State) error {
	for _, setting := range [][2]string{
		{"PEBBLE_VA_NOSLEEP", "1"}, {"PEBBLE_WFE_NONCEREJECT", "5"}, {"PEBBLE_AUTHZREUSE", "0"},
	} {
		if err := os.Setenv(setting[0], cmp.Or(os.Getenv(setting[0]), setting[1])); err != nil {
			return err
		}
	}
	logger := log.New(os.Stdout, "", log.LstdFlags)
	store := db.NewMemoryStore()
	if err := errors.Join(
		store.AddExternalAccountKeyByID(lab.KeyName, s.EAB),
		store.AddBlockedDomain(lab.BlockedDomain),
	); err != nil {
		return err
	}
	const day = 24 * 60 * 60
	alternates, _ := strconv.Atoi(os.Getenv("PEBBLE_ALTERNATE_ROOTS"))
	authority := ca.New(logger, store, "", "ecdsa", alternates, 1, map[string]ca.Profile{
		"default":    {Description: "90 days", ValidityPeriod: 90 * day},
		"shortlived": {Description: "6 days", ValidityPeriod: 6 * day},
	})
	validator := va.New(logger, s.HTTP01Port(), s.TLSALPNPort(), false, s.Listens(lab.DNS), store)
	front := wfe.New(logger, store, validator, authority, []string{"pebble.letsencrypt.org"}, false, false, 1, 1)
	failed := make(chan error, 2)
	serve := func(addr string, h http.Handler) {
		failed <- http.ListenAndServeTLS(addr, s.Path("pki", "server.pem"), s.Path("pki", "server.key"), h)
	}
	go serve(s.Management(), front.ManagementHandler())
	go serve(s.Listens(lab.Pebble), noDeadlock(front.Handler(), store))
	return <-failed
}

// noDeadlock keeps Pebble from two deadlocks of its own, which a busy client meets within seconds.
//
// A request for an authorization locks that and then the store; one for an order does it the
// other way round. So a request for an authorization is processed alone.
//
// A request for an order locks the order for reading twice. If another goroutine comes to lock it
// for writing in between, both wait forever, and then so does every request, for the lock of the
// store that the next request for the order holds. The writers are other requests for the order
// and the goroutine that makes its certificate. So there is one request for an order at a time,
// and a finalization ends with the certificate. A failed validation writes too, but seldom.
func noDeadlock(pebble http.Handler, store *db.MemoryStore) http.Handler {
	pebble = authzAlone(pebble)
	var orders sync.Map // of *sync.Mutex by ID
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dir, id := path.Split(r.URL.Path)
		if dir == "/my-order/" || dir == "/finalize-order/" {
			mu, _ := orders.LoadOrStore(id, &sync.Mutex{})
			mu.(*sync.Mutex).Lock()
			defer mu.(*sync.Mutex).Unlock()
		}
		pebble.ServeHTTP(w, r)
		if dir == "/finalize-order/" {
			awaitCertificate(r.Context(), store.GetOrderByID(id))
		}
	})
}

func authzAlone(pebble http.Handler) http.Handler {
	var mu sync.RWMutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
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

// awaitCertificate returns when an order that is finalized has its certificate, or after a while.
func awaitCertificate(ctx context.Context, order *core.Order) {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	for order != nil && ctx.Err() == nil {
		order.RLock()
		done := !order.BeganProcessing || order.CertificateObject != nil
		order.RUnlock()
		if done {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
