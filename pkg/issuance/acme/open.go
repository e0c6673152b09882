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

// reopen finds or makes the account, unless somebody else has done so since it
// had the URL was.
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
		return issuance.Failuref(issuance.ReasonAccount, "%s does not let in the account of this key; use another key: %s", a.config.Directory, err)
	}
	if err != nil && ctx.Err() == nil {
		return issuance.AsFailure(issuance.ReasonAccount, a.failure(asAccount, err))
	}
	if err != nil {
		return err
	}
	return a.adopt(ctx, found)
}

// isMissing tells that there is no account yet. Some servers want a new account
// to be complete even where they are asked not to make one.
func isMissing(err error) bool {
	return hasType(err, accountDoesNotExist) || hasType(err, externalRequired) || hasType(err, userActionRequired) || hasType(err, malformed)
}

// registered is an account as the server has it.
type registered struct {
	acme.Account
	url string
}

// find looks the account up by its key (RFC 8555 §7.3.1).
func (a *Account) find(ctx context.Context) (registered, error) {
	return a.newAccount(ctx, func(core *api.Core) error {
		if err := a.keepThumbprint(core); err != nil {
			return err
		}
		_, err := core.Accounts.New(acme.Account{OnlyReturnExisting: true})
		return err
	})
}

// register makes the account. To repeat that is no harm: a server that has the
// key already gives the account back.
func (a *Account) register(ctx context.Context) (registered, error) {
	if a.Meta().ExternalAccountRequired && a.config.EABKeyID == "" {
		return registered{}, issuance.Failuref(issuance.ReasonAccount,
			"%s registers no account without an external account binding; give the key ID and key of an account at the CA", a.config.Directory)
	}
	wish := acme.Account{TermsOfServiceAgreed: true, Contact: a.contact()}
	return a.newAccount(ctx, func(core *api.Core) error {
		var err error
		if a.config.EABKeyID != "" {
			_, err = core.Accounts.NewEAB(wish, a.config.EABKeyID, a.config.EABKey)
		} else {
			_, err = core.Accounts.New(wish)
		}
		return err
	})
}

func (a *Account) newAccount(ctx context.Context, f func(*api.Core) error) (registered, error) {
	var r reply
	err := a.persist(ctx, a.config.Patience, func(bool) error {
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

// adopt takes an account into use.
func (a *Account) adopt(ctx context.Context, found registered) error {
	if found.url == "" {
		return issuance.Failuref(issuance.ReasonAccount, "%s: gives no URL for the account", a.config.Directory)
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

// updateContact tells the server of another address (RFC 8555 §7.3.2). An
// account works without, so a refusal is only noted.
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
		a.config.Log.Warn("the ACME server does not take the account's new address", "account", found.url, "error", err)
	}
}

func (a *Account) keepThumbprint(core *api.Core) error {
	// An empty token leaves the thumbprint alone (RFC 8555 §8.1).
	answer, err := core.GetKeyAuthorization("")
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.thumbprint = strings.TrimPrefix(answer, ".")
	return nil
}

// do is exchange as the account. Where the server no longer knows that, having
// lost its state, it is made again.
func (a *Account) do(ctx context.Context, f func(*api.Core) error) (reply, error) {
	url := a.URL()
	r, err := a.exchange(ctx, url, f)
	if !hasType(err, accountDoesNotExist) {
		return r, err
	}
	a.config.Log.Warn("the ACME server no longer knows the account; it is made again", "account", url)
	if err := a.reopen(ctx, url); err != nil {
		return reply{}, err
	}
	return a.exchange(ctx, a.URL(), f)
}

// ask has one request answered that may be repeated without harm.
func (a *Account) ask(ctx context.Context, at step, f func(*api.Core) error) (reply, error) {
	var r reply
	err := a.persist(ctx, a.config.Patience, func(bool) error {
		var err error
		r, err = a.do(ctx, f)
		return err
	})
	return r, a.failure(at, err)
}
