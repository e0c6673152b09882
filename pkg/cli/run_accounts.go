package cli

import (
	"context"
	"crypto"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	"golang.org/x/sync/singleflight"

	"github.com/kubectl-certs/kubectl-certs/pkg/acme"
	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// accounts are the ACME accounts of issuers, each opened once.
type accounts struct {
	*operator
	life context.Context // requests end with it
	gate func(server string) *run.Gate

	lock sync.Mutex
	m    map[run.IssuerKey]*account

	// thumbprints are those of the accounts that exist; read is when one was last
	// read for a request.
	thumbprints map[run.IssuerKey]string
	read        map[run.IssuerKey]time.Time
	reading     singleflight.Group
}

// account is one that is open, or that could not be opened.
type account struct {
	issuer run.Issuer    // as it was opened
	done   chan struct{} // closed when the rest is known
	ca     *acme.Account
	err    error
	tried  time.Time
}

// retryAccount is how long the failure to open an account stands: CAs limit
// how many may be tried.
const retryAccount = time.Minute

func newAccounts(life context.Context, o *operator) *accounts {
	return &accounts{
		operator: o, life: life, m: map[run.IssuerKey]*account{},
		thumbprints: map[run.IssuerKey]string{}, read: map[run.IssuerKey]time.Time{},
	}
}

// open returns the account of an issuer, which it opens if need be. It waits no
// longer than its own context, while the account goes on to be opened.
func (a *accounts) open(ctx context.Context, issuer run.Issuer) (run.CA, error) {
	a.lock.Lock()
	one := a.m[issuer.Key()]
	if one == nil || !reflect.DeepEqual(one.issuer.Spec, issuer.Spec) || one.stale() {
		one = &account{issuer: issuer, done: make(chan struct{})}
		a.m[issuer.Key()] = one
		go func() {
			defer close(one.done)
			one.err = panics.Guard(func() (err error) {
				one.ca, err = a.dial(a.life, issuer)
				return err
			})()
			one.tried = time.Now()
		}()
	}
	a.lock.Unlock()
	select {
	case <-one.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case a.life.Err() != nil:
		return nil, context.Canceled
	case one.err != nil:
		return nil, one.err
	}
	return one.ca, nil
}

// stale reports whether an account that could not be opened may be tried again.
func (one *account) stale() bool {
	select {
	case <-one.done:
		return one.err != nil && time.Since(one.tried) >= retryAccount
	default:
		return false
	}
}

func (a *accounts) dial(ctx context.Context, issuer run.Issuer) (*acme.Account, error) {
	spec := issuer.Spec.ACME
	kept, key, err := a.key(ctx, issuer, !a.in.dryRun)
	if err != nil {
		return nil, err
	}
	if a.in.dryRun && kept.URL == "" {
		return nil, run.Failf(run.ReasonAccount, "%s: there is no account yet, and a dry run makes none", issuer.Key())
	}
	c := acme.Config{
		Account: run.Account{
			Directory: spec.Server, CABundle: spec.CABundle, SkipVerify: spec.SkipTLSVerify,
			Key: key, Email: spec.Email,
		},
		UserAgent: "kubectl-certs/" + a.env.Version, Journalled: a.world.Journalled, Log: a.log,
	}
	if a.gate != nil {
		c.Observe = a.gate(spec.Server).Observe
	}
	if eab := spec.ExternalAccountBinding; eab != nil {
		secret, err := a.secrets.Value(ctx, a.secretsOf(issuer), eab.Key.Name, eab.Key.Key)
		if err != nil {
			return nil, run.Failf(run.ReasonAccount, "%s: external account binding: %v", issuer.Key(), err)
		}
		c.EABKeyID, c.EABKey = eab.KeyID, strings.TrimSpace(string(secret))
	}
	ca, err := acme.Open(a.life, c)
	if err != nil {
		return nil, err
	}
	if url := ca.URL(); url != kept.URL {
		// It is for people to read; orders do not need it.
		if err := a.secrets.NoteAccount(ctx, a.secretsOf(issuer), spec.PrivateKey.Name, url); err != nil {
			a.log.Warn("note the account", "issuer", issuer.Key().String(), "error", err)
		}
	}
	return ca, nil
}

// secretsOf is the namespace of the Secrets that an issuer refers to.
func (a *accounts) secretsOf(issuer run.Issuer) string {
	if issuer.Namespace != "" {
		return issuer.Namespace
	}
	return a.in.clusterNamespace
}

// key reads the account key of an issuer; create makes one where there is none.
func (a *accounts) key(ctx context.Context, issuer run.Issuer, create bool) (cluster.Account, crypto.Signer, error) {
	spec := issuer.Spec.ACME
	ref := spec.PrivateKey
	if ref.Key == "" {
		ref.Key = "tls.key"
	}
	var fresh func() ([]byte, error)
	if create && !spec.DisableAccountKeyGeneration {
		fresh = freshAccountKey
	}
	kept, err := a.secrets.Account(ctx, a.secretsOf(issuer), ref.Name, ref.Key, fresh)
	if err != nil {
		return kept, nil, run.Failf(run.ReasonAccount, "%s: %v", issuer.Key(), err)
	}
	key, err := cmpki.DecodePrivateKeyBytes(kept.Key)
	if err != nil {
		return kept, nil, run.Failf(run.ReasonAccount, "%s: key %s of Secret %s/%s is no private key in PEM", issuer.Key(), ref.Key, a.secretsOf(issuer), ref.Name)
	}
	return kept, key, nil
}

// freshAccountKey makes a key that cert-manager takes too: it wants RSA.
func freshAccountKey() ([]byte, error) {
	key, err := cmpki.GenerateRSAPrivateKey(2048)
	if err != nil {
		return nil, fmt.Errorf("make an account key: %w", err)
	}
	return cmpki.EncodePKCS1PrivateKey(key), nil
}

// known is what there is to know of an account without its key.
type known struct {
	URL        string `json:"url,omitempty"`
	Thumbprint string `json:"thumbprint"`
}

// learn reads the accounts that exist, without a request to any CA, and
// returns them by issuer. The responder answers for them from then on.
func (a *accounts) learn(ctx context.Context) map[string]known {
	accounts, thumbprints := map[string]known{}, map[run.IssuerKey]string{}
	for _, issuer := range a.world.Issuers() {
		if one, ok := a.public(ctx, issuer); ok {
			accounts[issuer.Key().String()], thumbprints[issuer.Key()] = one, one.Thumbprint
		}
	}
	if ctx.Err() == nil {
		a.lock.Lock()
		a.thumbprints = thumbprints
		a.lock.Unlock()
	}
	return accounts
}

// public reads what may be known of an issuer's account; false if there is none
// yet, or if its Secret is damaged, which ordering reports.
func (a *accounts) public(ctx context.Context, issuer run.Issuer) (known, bool) {
	kept, key, err := a.key(ctx, issuer, false)
	if err != nil {
		return known{}, false
	}
	thumbprint, err := responder.Thumbprint(key.Public())
	return known{kept.URL, thumbprint}, err == nil
}

// thumbprintsOf returns the thumbprints of the accounts that may answer for a
// host. One that another replica has just opened is read first.
func (a *accounts) thumbprintsOf(host string) []string {
	issuers := a.world.Claims(host)
	thumbprints, unknown := a.thumbprintsAmong(issuers)
	if len(unknown) > 0 {
		a.learnNew(unknown)
		thumbprints, _ = a.thumbprintsAmong(issuers)
	}
	return thumbprints
}

func (a *accounts) thumbprintsAmong(issuers []run.Issuer) (thumbprints []string, unknown []run.Issuer) {
	a.lock.Lock()
	defer a.lock.Unlock()
	for _, issuer := range issuers {
		if thumbprint := a.thumbprints[issuer.Key()]; thumbprint != "" {
			thumbprints = append(thumbprints, thumbprint)
		} else {
			unknown = append(unknown, issuer)
		}
	}
	return thumbprints, unknown
}

// learnInterval is how often requests from outside may make learnNew read the
// account of an issuer.
const learnInterval = time.Second

// learnNew reads the accounts of issuers, unless it did so a moment ago. Requests
// at the same time share what is read.
func (a *accounts) learnNew(issuers []run.Issuer) {
	ctx, stop := context.WithTimeout(a.life, learnInterval)
	defer stop()
	for _, issuer := range issuers {
		_, _, _ = a.reading.Do(issuer.Key().String(), func() (any, error) {
			a.learnOne(ctx, issuer)
			return nil, nil
		})
	}
}

func (a *accounts) learnOne(ctx context.Context, issuer run.Issuer) {
	a.lock.Lock()
	recent := time.Since(a.read[issuer.Key()]) < learnInterval
	a.lock.Unlock()
	if recent {
		return
	}
	one, ok := a.public(ctx, issuer)
	a.lock.Lock()
	defer a.lock.Unlock()
	a.read[issuer.Key()] = time.Now()
	if ok {
		a.thumbprints[issuer.Key()] = one.Thumbprint
	}
}
