package issuance

import (
	"context"
	"crypto"
	"time"
)

// Challenge types of RFC 8555 §8, RFC 8737 and draft-ietf-acme-dns-persist.
const (
	HTTP01       = "http-01"
	DNS01        = "dns-01"
	TLSALPN01    = "tls-alpn-01"
	DNSPersist01 = "dns-persist-01"
)

// Challenge is a challenge of the CA for one name.
type Challenge struct {
	Type string
	// Name is the DNS name, without "*.", or the IP address to validate.
	Name     string
	Wildcard bool
	// Token and KeyAuthorization are those of RFC 8555 §8.1, empty for dns-persist-01.
	Token, KeyAuthorization string
	// Account is the account's URL, and IssuerDomains are the CA's domains (RFC 8555 §7.1.1
	// caaIdentities), for the dns-persist-01 record.
	Account       string
	IssuerDomains []string
}

// Solver provides the answers to challenges.
type Solver interface {
	// Present provides the answers to all challenges and returns when the CA can see them, or an
	// error with the obstacle. It may be called again for the same challenges.
	Present(ctx context.Context, challenges []Challenge) error
	// CleanUp removes the answers, also after a failed or interrupted Present. Missing answers are
	// not an error.
	CleanUp(ctx context.Context, challenges []Challenge) error
}

// ChosenSolver is the solver of one name.
type ChosenSolver struct {
	// Type is the challenge type.
	Type string
	// Solver must be comparable: challenges of one order with equal Solvers are passed to one
	// call.
	Solver Solver
}

// State is the progress of an order (RFC 8555 §7.1.6).
type State string

// The states, in their order.
const (
	Ordered    State = "ordered"    // the order exists, its URL is known
	Presenting State = "proving"    // answers to the challenges are being provided
	Validating State = "validating" // the CA validates
	Finalizing State = "finalizing" // the CSR is submitted
	Issued     State = "issued"     // the certificate is issued
)

// Request is the input of an order.
type Request struct {
	// Names are DNS names, wildcards and IP addresses, at least one.
	Names []string
	// CSR is the certificate signing request in DER, signed with the certificate's key.
	CSR []byte
	// NotAfter is sent unless it is zero. Many CAs reject it.
	NotAfter time.Time
	// Profile is the ACME profile, "" for the CA's default.
	Profile string
	// PreferredChain is the issuer's common name of the last certificate of the preferred chain, "" for the CA's default.
	PreferredChain string
	// Replaces is the ARI certificate identifier (RFC 9773 §4.1) of the certificate to renew,
	// "" for none.
	Replaces string
	// Order is the URL of an existing order to resume, "" for a new one.
	Order string

	// Solver selects how a name is validated, among the offered challenge types.
	Solver func(name string, wildcard bool, offered []string) (ChosenSolver, error)
	// Ordered is called with the URL of the order before it is finalized. Its error ends the
	// request, and the order can be resumed.
	Ordered func(ctx context.Context, order string) error
	// Progress, if not nil, is called with every state.
	Progress func(State)
}

// Chain is an issued certificate: PEM certificates, leaf first, without the root.
type Chain struct {
	PEM []byte
	// Order is the URL of its order.
	Order string
}

// CA is one account at an ACME server.
type CA interface {
	// Issue completes one order. Every error is a *Failure, or the context's. It retries while
	// the server is unavailable, honouring Retry-After, until the context ends.
	Issue(ctx context.Context, r Request) (Chain, error)
	// RenewalInfo returns when a certificate should be renewed (RFC 9773), or ErrNoRenewalInfo
	// if the CA does not support it.
	RenewalInfo(ctx context.Context, certID string) (RenewalInfo, error)
	// Thumbprint returns the RFC 7638 thumbprint of the account key.
	Thumbprint() string
}

// RenewalInfo is the CA's suggested renewal window (RFC 9773 §4.2).
type RenewalInfo struct {
	Start, End  time.Time
	Explanation string    // URL, often empty
	NextCheck   time.Time // by the Retry-After of the answer
}

// Account is the configuration of an account at an ACME server.
type Account struct {
	// Directory is the URL of the ACME directory.
	Directory string
	// CABundle are PEM certificates to trust instead of the system's; nil for the system's.
	CABundle   []byte
	SkipVerify bool
	Key        crypto.Signer
	Email      string
	// EABKeyID and EABKey bind the account to one at the CA (RFC 8555 §7.3.4); the key is in
	// base64url, as the CA shows it.
	EABKeyID, EABKey string
}
