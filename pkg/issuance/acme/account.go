package acme

import (
	"context"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Account is an account at an ACME server; it is an issuance.CA. Many goroutines may
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

// Meta returns what the server says about itself.
func (a *Account) Meta() Meta {
	dir := a.directory.parsed()
	return Meta{
		Terms: dir.Meta.TermsOfService, Website: dir.Meta.Website, CAAIdentities: dir.Meta.CaaIdentities,
		Profiles: dir.Meta.Profiles, RenewalInfo: dir.RenewalInfo != "", ExternalAccountRequired: dir.Meta.ExternalAccountRequired,
	}
}
