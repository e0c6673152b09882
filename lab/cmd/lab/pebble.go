package main

import (
	"cmp"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/letsencrypt/pebble/v2/ca"
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
	go serve(s.Listens(lab.Pebble), oneAtATime(front.Handler()))
	return <-failed
}

// oneAtATime keeps Pebble from a deadlock of its own that a busy client runs it
// into within seconds: who asks for an authorization locks that and then the
// store, and who makes or looks at an order does it the other way round.
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
