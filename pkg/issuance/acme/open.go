package acme

import (
	"context"
	"io"
	stdlog "log"
	"os"
	"strings"
	"sync"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"github.com/go-acme/lego/v4/log"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Open finds the account of a key or registers it, which agrees to the terms of service. All
// requests end when the context ends. Every error is an *issuance.Failure or the context's.
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
		orphans: newOrphans(), validating: newPace(), processing: newPace(), opening: make(chan struct{}, 1),
	}
	context.AfterFunc(ctx, w.transport.CloseIdleConnections)
	if err := a.reopen(ctx, ""); err != nil {
		return nil, err
	}
	return a, nil
}

var silenceOnce sync.Once

// silenceLego discards the output of lego's global logger, unless it was replaced.
func silenceLego() {
	silenceOnce.Do(func() {
		if l, ok := log.Logger.(*stdlog.Logger); ok && l.Writer() == os.Stderr {
			log.Logger = stdlog.New(io.Discard, "", 0)
		}
	})
}

// reopen finds or registers the account, unless another goroutine has done so since its URL was
// was.
func (a *Account) reopen(ctx context.Context, was string) error {
	select {
	case a.opening <- struct{}{}:
		defer func() { <-a.opening }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if a.URL() != was {
		return nil
	}
	found, err := a.find(ctx)
	if isMissing(err) {
		found, err = a.register(ctx)
	}
	if hasType(err, unauthorized) {
		return issuance.Failuref(issuance.ReasonAccount, "%s rejects the account of this key; use another key: %s", a.config.Directory, err)
	}
	if err != nil && ctx.Err() == nil {
		return issuance.AsFailure(issuance.ReasonAccount, a.failure(asAccount, err))
	}
	if err != nil {
		return err
	}
	return a.adopt(ctx, found)
}

// isMissing reports whether there is no account yet. Some servers require a complete account
// even with onlyReturnExisting.
func isMissing(err error) bool {
	return hasType(err, accountDoesNotExist) || hasType(err, externalRequired) || hasType(err, userActionRequired) || hasType(err, malformed)
}

// registered is an account from the server.
type registered struct {
	acme.Account
	url string
}

// find looks up the account by its key (RFC 8555 §7.3.1).
func (a *Account) find(ctx context.Context) (registered, error) {
	return a.newAccount(ctx, func(core *api.Core) error {
		if err := a.keepThumbprint(core); err != nil {
			return err
		}
		_, err := core.Accounts.New(acme.Account{OnlyReturnExisting: true})
		return err
	})
}

// register creates the account. It can be repeated: a server returns the existing account of a
// key.
func (a *Account) register(ctx context.Context) (registered, error) {
	if a.Meta().ExternalAccountRequired && a.config.EABKeyID == "" {
		return registered{}, issuance.Failuref(issuance.ReasonAccount,
			"%s requires an external account binding: set the key ID and key of an account at the CA", a.config.Directory)
	}
	account := acme.Account{TermsOfServiceAgreed: true, Contact: a.contact()}
	return a.newAccount(ctx, func(core *api.Core) error {
		var err error
		if a.config.EABKeyID != "" {
			_, err = core.Accounts.NewEAB(account, a.config.EABKeyID, a.config.EABKey)
		} else {
			_, err = core.Accounts.New(account)
		}
		return err
	})
}

func (a *Account) newAccount(ctx context.Context, f func(*api.Core) error) (registered, error) {
	var r reply
	err := a.retry(ctx, a.config.Unavailable, func(bool) error {
		var err error
		r, err = a.exchange(ctx, "", f)
		if isLimit(err) {
			return a.failure(asAccount, err)
		}
		return err
	})
	if err != nil {
		return registered{}, err
	}
	found, err := decode[acme.Account](r)
	return registered{Account: found, url: r.location()}, err
}

func (a *Account) contact() []string {
	if a.config.Email == "" {
		return nil
	}
	return []string{"mailto:" + a.config.Email}
}

// adopt uses an account.
func (a *Account) adopt(ctx context.Context, found registered) error {
	if found.url == "" {
		return issuance.Failuref(issuance.ReasonAccount, "%s: no URL for the account in the answer", a.config.Directory)
	}
	if found.Status != "" && found.Status != acme.StatusValid {
		return issuance.Failuref(issuance.ReasonAccount, "account %s is %s; use another account key", found.url, clean(found.Status))
	}
	a.mu.Lock()
	a.url, a.orders = found.url, found.Orders
	a.mu.Unlock()
	a.updateContact(ctx, found)
	return nil
}

// updateContact changes the account's email address (RFC 8555 §7.3.2). An error is only logged:
// the account works with the old one.
func (a *Account) updateContact(ctx context.Context, found registered) {
	want := a.contact()
	if want == nil || strings.Join(found.Contact, ",") == want[0] {
		return
	}
	_, err := a.exchange(ctx, found.url, func(core *api.Core) error {
		_, err := core.Accounts.Update(found.url, acme.Account{Contact: want})
		return err
	})
	if err != nil {
		a.config.Log.Warn("ACME server rejected the account's new email address", "account", found.url, "error", err)
	}
}

func (a *Account) keepThumbprint(core *api.Core) error {
	// With an empty token only the thumbprint remains (RFC 8555 §8.1).
	answer, err := core.GetKeyAuthorization("")
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.thumbprint = strings.TrimPrefix(answer, ".")
	return nil
}

// do calls exchange with the account. If the server has lost the account, do registers it
// again.
func (a *Account) do(ctx context.Context, f func(*api.Core) error) (reply, error) {
	url := a.URL()
	r, err := a.exchange(ctx, url, f)
	if !hasType(err, accountDoesNotExist) {
		return r, err
	}
	a.config.Log.Warn("ACME server has lost the account; registering it again", "account", url)
	if err := a.reopen(ctx, url); err != nil {
		return reply{}, err
	}
	return a.exchange(ctx, a.URL(), f)
}

// ask sends an idempotent request.
func (a *Account) ask(ctx context.Context, at step, f func(*api.Core) error) (reply, error) {
	var r reply
	err := a.retry(ctx, a.config.Unavailable, func(bool) error {
		var err error
		r, err = a.do(ctx, f)
		return err
	})
	return r, a.failure(at, err)
}
