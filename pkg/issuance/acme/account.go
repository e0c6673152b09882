package acme

import (
	"context"
	"io"
	stdlog "log"
	"os"
	"sync"

	"github.com/go-acme/lego/v4/log"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Account is an account at an ACME server; it is a issuance.CA. Many goroutines may
// use it.
type Account struct {
	config    Config
	life      context.Context
	wire      *wire
	nonces    nonces
	directory directory
	orphans   orphans

	opening    chan struct{} // held by whoever registers
	mu         sync.Mutex
	url        string
	orders     string // URL of the list of orders, often ""
	thumbprint string
}

var _ issuance.CA = (*Account)(nil)

// Open finds the account of a key, or registers it and so agrees to the terms
// of service. The context is the account's life: when it ends, every request
// ends at once. Every error is a *issuance.Failure, or the context's.
func Open(ctx context.Context, c Config) (*Account, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	w, err := newWire(c)
	if err != nil {
		return nil, err
	}
	silenceLego()
	a := &Account{
		config: c, life: ctx, wire: w, directory: directory{url: c.Directory},
		orphans: newOrphans(), opening: make(chan struct{}, 1),
	}
	context.AfterFunc(ctx, w.transport.CloseIdleConnections)
	if err := a.reopen(ctx, ""); err != nil {
		return nil, err
	}
	return a, nil
}

// URL is where the account is.
func (a *Account) URL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.url
}

// Thumbprint is the RFC 7638 thumbprint of the account key.
func (a *Account) Thumbprint() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.thumbprint
}

func (a *Account) orderList() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.orders
}

// until is a context that also ends with the account's life.
func (a *Account) until(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(a.life, cancel)
	return ctx, func() { stop(); cancel() }
}

var silenceOnce sync.Once

// silenceLego keeps lego's process-wide logger off stderr, unless somebody has
// put another in its place.
func silenceLego() {
	silenceOnce.Do(func() {
		if l, ok := log.Logger.(*stdlog.Logger); ok && l.Writer() == os.Stderr {
			log.Logger = stdlog.New(io.Discard, "", 0)
		}
	})
}
