package operator

import (
	"context"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/acme"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// accounts are the ACME accounts of issuers. Each is opened once.
type accounts struct {
	lock     sync.Mutex
	byIssuer map[plan.IssuerKey]*account
}

// account is an open account, or the failure to open it.
type account struct {
	issuer issuance.Issuer // when it was opened
	done   chan struct{}   // closed when ca, err and tried are set
	ca     issuance.CA
	err    error
	tried  time.Time

	lock    sync.Mutex
	checked time.Time // when its key was last compared with the issuer's
}

// opener opens the account of an issuer.
type opener struct {
	dial func() (issuance.CA, error)
	// hasKey reports whether an open account still has the key in the issuer's Secret.
	hasKey func(issuance.CA) bool
}

// retryAccount is the delay after a failure to open an account: CAs limit such requests.
const retryAccount = time.Minute

// open returns the account of an issuer and calls dial if it is not open, or has not had the
// issuer's key for credentialsMaxAge. The end of ctx ends the wait, but not dial, for which others
// may wait too.
func (a *accounts) open(ctx context.Context, issuer issuance.Issuer, o opener) (issuance.CA, error) {
	one := a.get(issuer, o.dial)
	if err := one.wait(ctx); err != nil {
		return nil, err
	}
	if one.err == nil && one.isCheckDue() && !o.hasKey(one.ca) {
		a.forget(issuer, one)
		one = a.get(issuer, o.dial)
		if err := one.wait(ctx); err != nil {
			return nil, err
		}
	}
	return one.ca, one.err
}

func (one *account) wait(ctx context.Context) error {
	select {
	case <-one.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isCheckDue reports whether the caller is to compare the keys now.
func (one *account) isCheckDue() bool {
	one.lock.Lock()
	defer one.lock.Unlock()
	now := time.Now()
	if one.checked.IsZero() {
		one.checked = one.tried
	}
	if now.Sub(one.checked) < credentialsMaxAge {
		return false
	}
	one.checked = now
	return true
}

// forget drops an account, unless it was replaced meanwhile.
func (a *accounts) forget(issuer issuance.Issuer, one *account) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.byIssuer[issuer.Key()] == one {
		delete(a.byIssuer, issuer.Key())
	}
}

func (a *accounts) get(issuer issuance.Issuer, dial func() (issuance.CA, error)) *account {
	a.lock.Lock()
	defer a.lock.Unlock()
	if one := a.byIssuer[issuer.Key()]; one != nil && reflect.DeepEqual(one.issuer.Spec, issuer.Spec) && !one.stale() {
		return one
	}
	one := &account{issuer: issuer, done: make(chan struct{})}
	if a.byIssuer == nil {
		a.byIssuer = map[plan.IssuerKey]*account{}
	}
	a.byIssuer[issuer.Key()] = one
	go func() {
		defer close(one.done)
		one.err = panics.Guard(func() (err error) {
			one.ca, err = dial()
			return err
		})()
		one.tried = time.Now()
	}()
	return one
}

// stale reports whether opening the account failed and may be retried.
func (one *account) stale() bool {
	select {
	case <-one.done:
		return one.err != nil && time.Since(one.tried) >= retryAccount
	default:
		return false
	}
}

// accountDialer opens the accounts of issuers at their CAs.
type accountDialer struct {
	secrets issuerSecrets
	// existing uses only existing accounts: no key is created and no account registered.
	existing   bool
	userAgent  string
	journalled func(order string) bool
	timeout    time.Duration // for a server that is not available
	log        *slog.Logger
}

// hasKey reports whether an account has the key in its issuer's Secret. One whose key cannot be
// read stays in use.
func (d accountDialer) hasKey(life context.Context, issuer issuance.Issuer, ca issuance.CA) bool {
	_, key, err := d.secrets.accountKey(life, issuer, false)
	if err != nil {
		return true
	}
	thumbprint, err := responder.Thumbprint(key.Public())
	if err != nil || thumbprint == ca.Thumbprint() {
		return true
	}
	d.log.Info("the account key in the issuer's Secret was replaced; opening its account", "issuer", issuer.Key().String())
	return false
}

// dial opens the account of an ACME issuer. Its requests end with life, and gate limits the
// concurrent orders at its CA.
func (d accountDialer) dial(life context.Context, issuer issuance.Issuer, gate func(server string) *issuance.Gate) (issuance.CA, error) {
	spec := issuer.Spec.ACME
	kept, key, err := d.secrets.accountKey(life, issuer, !d.existing)
	if err != nil {
		return nil, err
	}
	if d.existing && kept.URL == "" {
		return nil, issuance.Failuref(issuance.ReasonAccount, "%s: no account yet; a dry run does not register one", issuer.Key())
	}
	c := acme.Config{
		Account: issuance.Account{
			Directory: spec.Server, CABundle: spec.CABundle, SkipVerify: spec.SkipTLSVerify,
			Key: key, Email: spec.Email,
		},
		UserAgent: d.userAgent, Journalled: d.journalled, Log: d.log, Observe: gate(spec.Server).Observe, Unavailable: d.timeout,
	}
	if eab := spec.ExternalAccountBinding; eab != nil {
		secret, err := d.secrets.value(life, issuer, eab.Key.Name, eab.Key.Key)
		if err != nil {
			return nil, issuance.Failuref(issuance.ReasonAccount, "%s: external account binding: %v", issuer.Key(), err)
		}
		c.EABKeyID, c.EABKey = eab.KeyID, strings.TrimSpace(string(secret))
	}
	ca, err := acme.Open(life, c)
	if err != nil {
		return nil, err
	}
	if url := ca.URL(); url != kept.URL {
		// Only for users; orders do not need it.
		if err := d.secrets.noteAccount(life, issuer, url); err != nil {
			d.log.Warn("could not annotate the account's Secret", "issuer", issuer.Key().String(), "error", err)
		}
	}
	return ca, nil
}
