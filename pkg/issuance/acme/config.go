package acme

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Config is an account at an ACME server and how to deal with that server.
type Config struct {
	issuance.Account
	// UserAgent is what this program calls itself (RFC 8555 §6.1), as in
	// "kubectl-certs/1.2".
	UserAgent string
	// Parallel is how many requests may be under way at once, 64 if zero.
	Parallel int
	// Timeout is how long one request may take, 30 s if zero.
	Timeout time.Duration
	// Patience is how long one step of an order may meet nothing but trouble
	// of the server before the order fails, 10 min if zero.
	Patience time.Duration
	// Observe, if not nil, is told of every request: how long it took, and
	// whether the server did not manage (429, 5xx, no answer). It is called
	// from many goroutines.
	Observe func(latency time.Duration, busy bool)
	// Journalled, if not nil, tells whether an order is known to somebody who
	// may go on with it. Such an order is never taken for one that was left
	// behind. It is called from many goroutines.
	Journalled func(order string) bool
	// Log, if not nil, gets what is worth knowing but no error.
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	// As net/http writes it, by which the directory is recognized.
	if u, err := url.Parse(c.Directory); err == nil {
		c.Directory = u.String()
	}
	c.EABKey = strings.TrimSpace(c.EABKey)
	c.UserAgent = cmp.Or(c.UserAgent, "kubectl-certs")
	c.Parallel = cmp.Or(c.Parallel, 64)
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.Patience = cmp.Or(c.Patience, 10*time.Minute)
	if c.Observe == nil {
		c.Observe = func(time.Duration, bool) {}
	}
	if c.Journalled == nil {
		c.Journalled = func(string) bool { return false }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// check refuses what cannot work, before anything is sent.
func (c Config) check() error {
	u, err := url.Parse(c.Directory)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return issuance.Failuref(issuance.ReasonAccount, "ACME server %q: must be an https URL", c.Directory)
	}
	if err := checkKey(c.Key); err != nil {
		return err
	}
	return c.checkEAB()
}

// checkKey takes what lego signs with, and CAs accept.
func checkKey(key crypto.Signer) error {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return nil
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() {
			return nil
		}
		return issuance.Failuref(issuance.ReasonAccount, "account key: ECDSA %s: must be RSA, or ECDSA P-256 or P-384", k.Curve.Params().Name)
	case nil:
		return issuance.Failuref(issuance.ReasonAccount, "account key: none given")
	}
	return issuance.Failuref(issuance.ReasonAccount, "account key: %T: must be RSA, or ECDSA P-256 or P-384", key)
}

func (c Config) checkEAB() error {
	if (c.EABKeyID == "") != (c.EABKey == "") {
		return issuance.Failuref(issuance.ReasonAccount, "external account binding: needs both the key and its ID")
	}
	// The cause is left out: it may quote the key.
	if _, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(c.EABKey, "=")); err != nil {
		return issuance.Failuref(issuance.ReasonAccount, "external account binding %s: the key is not base64url", c.EABKeyID)
	}
	return nil
}
