package operator

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Account describes an ACME account without its key.
type Account struct {
	// URL is "" if the account was not registered by run.
	URL        string `json:"url,omitempty"`
	Thumbprint string `json:"thumbprint"`
}

// thumbprints are those of existing accounts, for the responder. They are read from the cluster
// without requests to CAs.
type thumbprints struct {
	secrets  issuerSecrets
	snapshot *watch.Snapshot

	lock     sync.Mutex
	byIssuer map[plan.IssuerKey]string
	// readAt is when an account was last read because of a challenge request.
	readAt  map[plan.IssuerKey]time.Time
	reading singleflight.Group
}

func newThumbprints(secrets issuerSecrets, snapshot *watch.Snapshot) *thumbprints {
	return &thumbprints{secrets: secrets, snapshot: snapshot, byIssuer: map[plan.IssuerKey]string{}, readAt: map[plan.IssuerKey]time.Time{}}
}

// readAll reads the accounts of all issuers and returns them by the name of their issuer. The
// responder answers for them from then on.
func (t *thumbprints) readAll(ctx context.Context) map[string]Account {
	accounts, byIssuer := map[string]Account{}, map[plan.IssuerKey]string{}
	for _, issuer := range t.snapshot.Issuers() {
		if one, found := t.read(ctx, issuer); found {
			accounts[issuer.Key().String()], byIssuer[issuer.Key()] = one, one.Thumbprint
		}
	}
	if ctx.Err() == nil {
		t.lock.Lock()
		t.byIssuer = byIssuer
		t.lock.Unlock()
	}
	return accounts
}

// read reads the account of an issuer; false if there is none yet, or if its Secret is invalid,
// which ordering reports.
func (t *thumbprints) read(ctx context.Context, issuer issuance.Issuer) (Account, bool) {
	kept, key, err := t.secrets.accountKey(ctx, issuer, false)
	if err != nil {
		return Account{}, false
	}
	thumbprint, err := responder.Thumbprint(key.Public())
	return Account{kept.URL, thumbprint}, err == nil
}

// of returns the thumbprints of the accounts that may answer for a host. It first reads
// accounts that another replica has just opened.
func (t *thumbprints) of(host string) []string {
	issuers := t.snapshot.Claims(host)
	known, unknown := t.among(issuers)
	if len(unknown) > 0 {
		t.readNew(unknown)
		known, _ = t.among(issuers)
	}
	return known
}

func (t *thumbprints) among(issuers []issuance.Issuer) (known []string, unknown []issuance.Issuer) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, issuer := range issuers {
		if thumbprint := t.byIssuer[issuer.Key()]; thumbprint != "" {
			known = append(known, thumbprint)
		} else {
			unknown = append(unknown, issuer)
		}
	}
	return known, unknown
}

// readInterval is the minimum time between two reads of one account because of requests from
// outside, and the maximum time that such a request waits.
const readInterval = time.Second

// readNew reads the accounts of issuers, except those just read. Concurrent requests share one
// read, which does not end with one of the requests.
func (t *thumbprints) readNew(issuers []issuance.Issuer) {
	ctx, stop := context.WithTimeout(context.Background(), readInterval)
	defer stop()
	for _, issuer := range issuers {
		_, _, _ = t.reading.Do(issuer.Key().String(), func() (any, error) {
			t.readOne(ctx, issuer)
			return nil, nil
		})
	}
}

func (t *thumbprints) readOne(ctx context.Context, issuer issuance.Issuer) {
	t.lock.Lock()
	recent := time.Since(t.readAt[issuer.Key()]) < readInterval
	t.lock.Unlock()
	if recent {
		return
	}
	one, found := t.read(ctx, issuer)
	t.lock.Lock()
	defer t.lock.Unlock()
	t.readAt[issuer.Key()] = time.Now()
	if found {
		t.byIssuer[issuer.Key()] = one.Thumbprint
	}
}
