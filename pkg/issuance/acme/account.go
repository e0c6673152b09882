package acme

import (
	"context"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Account is an account at an ACME server. It implements issuance.CA and is safe for concurrent
// use.
type Account struct {
	config    Config
	life      context.Context
	wire      *wire
	nonces    nonces
	directory directory
	orphans   orphans

	validating, processing pace

	opening    chan struct{} // held while registering
	mu         sync.Mutex
	url        string
	orders     string // URL of the list of orders, often empty
	thumbprint string
}

var _ issuance.CA = (*Account)(nil)

// URL returns the account's URL.
func (a *Account) URL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.url
}

// Thumbprint returns the RFC 7638 thumbprint of the account key.
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

// until returns a context that also ends with the account's life.
func (a *Account) until(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(a.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// Meta returns the metadata of the server's directory.
func (a *Account) Meta() Meta {
	dir := a.directory.parsed()
	return Meta{
		Terms: dir.Meta.TermsOfService, Website: dir.Meta.Website, CAAIdentities: dir.Meta.CaaIdentities,
		Profiles: dir.Meta.Profiles, RenewalInfo: dir.RenewalInfo != "", ExternalAccountRequired: dir.Meta.ExternalAccountRequired,
	}
}
