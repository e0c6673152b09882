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

// Challenge is what a CA wants to see to believe that one name is ours.
type Challenge struct {
	Type string
	// Name is the DNS name, without "*.", or the IP address to be proved.
	Name     string
	Wildcard bool
	// Token and KeyAuthorization are those of RFC 8555 §8.1, empty for
	// dns-persist-01.
	Token, KeyAuthorization string
	// Account is the account's URL, and IssuerDomains are the names by which
	// the CA knows itself (RFC 8555 §7.1.1 caaIdentities): what a
	// dns-persist-01 record must say.
	Account       string
	IssuerDomains []string
}

// Prover makes challenges succeed.
type Prover interface {
	// Prove puts the answers to all challenges in place and returns when the
	// CA can see them, or says what stands in the way. It may be called again
	// for the same challenges.
	Prove(ctx context.Context, challenges []Challenge) error
	// Clean takes the answers back, after a failed or interrupted Prove too.
	// What is not there is no error.
	Clean(ctx context.Context, challenges []Challenge) error
}

// Solver is the way in which one name is proved.
type Solver struct {
	// Type is the challenge type.
	Type string
	// Prover is comparable: challenges of one order with equal Provers are
	// proved in one call.
	Prover Prover
}

// State is how far an order is (RFC 8555 §7.1.6).
type State string

// The states, in their order.
const (
	Ordered    State = "ordered"    // the order exists, its URL is known
	Proving    State = "proving"    // answers are being put in place
	Validating State = "validating" // the CA looks
	Finalizing State = "finalizing" // the CSR is with the CA
	Issued     State = "issued"     // the certificate is there
)

// Request is what is ordered.
type Request struct {
	// Names are DNS names (wildcards too) and IP addresses, at least one.
	Names []string
	// CSR is the certificate request in DER, signed with the certificate's key.
	CSR []byte
	// NotAfter is sent unless it is zero. Many CAs refuse it.
	NotAfter time.Time
	// Profile is the ACME profile, "" for the CA's default.
	Profile string
	// PreferredChain is the issuer's common name of the last certificate of
	// the chain that is preferred among those offered, "" for the CA's default.
	PreferredChain string
	// Replaces is the ARI certificate identifier (RFC 9773 §4.1) of the
	// certificate that this one renews, "" for none.
	Replaces string
	// Order is the URL of an order that was begun for the same request, "" for
	// a new one.
	Order string

	// Solver chooses the way of proof for a name among the offered types.
	Solver func(name string, wildcard bool, offered []string) (Solver, error)
	// Ordered is called with the URL of the order before it is finalized; its
	// error ends the request, and the order can be resumed.
	Ordered func(ctx context.Context, order string) error
	// Progress, if not nil, is told of every state that is reached.
	Progress func(State)
}

// Chain is what a CA issued: PEM certificates, leaf first, without the root.
type Chain struct {
	PEM []byte
	// Order is the URL of the order that led to it.
	Order string
}

// CA is one account at an ACME server.
type CA interface {
	// Issue carries one order through to its certificate. Every error is a
	// *Failure, or the context's. Trouble of the server is waited out as long
	// as the context allows and Retry-After says.
	Issue(ctx context.Context, r Request) (Chain, error)
	// RenewalInfo asks when a certificate should be renewed (RFC 9773). A CA
	// that does not tell is ErrNoRenewalInfo.
	RenewalInfo(ctx context.Context, certID string) (RenewalInfo, error)
	// Thumbprint is the RFC 7638 thumbprint of the account key.
	Thumbprint() string
}

// RenewalInfo is when a CA wants a certificate renewed (RFC 9773 §4.2).
type RenewalInfo struct {
	Start, End  time.Time
	Explanation string    // URL, often ""
	NextCheck   time.Time // by the Retry-After of the answer
}

// Account is what is needed to use an ACME server.
type Account struct {
	// Directory is the URL of the ACME directory.
	Directory string
	// CABundle are PEM certificates to trust in place of the system's, nil for
	// the system's.
	CABundle   []byte
	SkipVerify bool
	Key        crypto.Signer
	Email      string
	// EABKeyID and EABKey bind the account to one at the CA (RFC 8555 §7.3.4);
	// the key is as the CA gave it, in base64url.
	EABKeyID, EABKey string
}
