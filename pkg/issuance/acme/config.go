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

// Config is an account at an ACME server and the limits of requests to it.
type Config struct {
	issuance.Account
	// UserAgent is the name of this program (RFC 8555 §6.1), for example "kubectl-certs/1.2".
	UserAgent string
	// Parallel is the maximum number of concurrent requests, 64 if zero.
	Parallel int
	// Timeout is the maximum duration of one request, 25 s if zero. A server that accepts
	// connections but answers none of the signed requests of twice that time is given up on.
	Timeout time.Duration
	// Patience is how long the server may take to validate or to finalize an order, 10 min if
	// zero. After that the order fails.
	Patience time.Duration
	// Unavailable is how long a request is repeated while the server is unavailable, 2 min if
	// zero. After that the order fails.
	Unavailable time.Duration
	// Observe, if not nil, is called with the latency of each request and whether the server
	// was unavailable (429, 5xx, no answer). It must be safe for concurrent use.
	Observe func(latency time.Duration, busy bool)
	// Journalled, if not nil, reports whether an order is in a journal. Such an order is not
	// adopted. It must be safe for concurrent use.
	Journalled func(order string) bool
	// Log, if not nil, gets messages that are not errors.
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	// In the form of net/http, by which the directory is recognized.
	if u, err := url.Parse(c.Directory); err == nil {
		c.Directory = u.String()
	}
	c.EABKey = strings.TrimSpace(c.EABKey)
	c.UserAgent = cmp.Or(c.UserAgent, "kubectl-certs")
	c.Parallel = cmp.Or(c.Parallel, 64)
	c.Timeout = cmp.Or(c.Timeout, silentLimit/2)
	c.Patience = cmp.Or(c.Patience, 10*time.Minute)
	c.Unavailable = cmp.Or(c.Unavailable, 2*time.Minute)
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

// check validates the configuration before any request.
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

// checkKey accepts the key types that lego supports and CAs accept.
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
		return issuance.Failuref(issuance.ReasonAccount, "account key: required")
	}
	return issuance.Failuref(issuance.ReasonAccount, "account key: %T: must be RSA, or ECDSA P-256 or P-384", key)
}

func (c Config) checkEAB() error {
	if (c.EABKeyID == "") != (c.EABKey == "") {
		return issuance.Failuref(issuance.ReasonAccount, "external account binding: the key and its ID are required together")
	}
	// The cause is omitted: it may quote the key.
	if _, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(c.EABKey, "=")); err != nil {
		return issuance.Failuref(issuance.ReasonAccount, "external account binding %s: the key is not base64url", c.EABKeyID)
	}
	return nil
}
