package responder

import (
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Path is the path of HTTP-01 challenges (RFC 8555 §8.3).
const Path = "/.well-known/acme-challenge/"

// Responder is an HTTP handler for Path; it answers 404 for other paths. The zero value answers
// no challenges. It is safe for concurrent use once Thumbprints is set.
type Responder struct {
	// Thumbprints returns the thumbprints of the accounts that may validate a host, the most
	// likely first; nil for none. The host is in lower case, without a port. A nil function
	// means no accounts.
	Thumbprints func(host string) []string

	lock sync.RWMutex
	// orders are the key authorizations of this process's orders.
	orders map[challenge]string
}

// challenge identifies the request of a CA.
type challenge struct{ host, token string }

// add stores the exact answer of an order in progress.
func (r *Responder) add(host, token, keyAuthorization string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.orders == nil {
		r.orders = map[challenge]string{}
	}
	r.orders[challenge{issuance.CanonicalName(host), token}] = keyAuthorization
}

func (r *Responder) remove(host, token string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.orders, challenge{issuance.CanonicalName(host), token})
}

// answer returns the key authorization for a token, "" for none. An order's token is answered
// only for the order's host: the author of an Issuer can choose the CA and so the token, which
// may be another CA's token for another host.
func (r *Responder) answer(host, token string) string {
	if !isToken(token) {
		return ""
	}
	r.lock.RLock()
	known := r.orders[challenge{host, token}]
	r.lock.RUnlock()
	if known != "" || r.Thumbprints == nil {
		return known
	}
	if thumbprints := r.Thumbprints(host); len(thumbprints) > 0 {
		return token + "." + thumbprints[0]
	}
	return ""
}

// isToken reports whether a text can be a token: base64url of at least 128 bits (RFC 8555 §8.3)
// and of plausible length. Other texts are never sent back.
func isToken(s string) bool {
	if len(s) < 22 || len(s) > 256 {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}

// ServeHTTP implements http.Handler.
func (r *Responder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	token, isChallenge := strings.CutPrefix(q.URL.Path, Path)
	host := q.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	answer := ""
	if isChallenge && (q.Method == http.MethodGet || q.Method == http.MethodHead) {
		answer = r.answer(issuance.CanonicalName(strings.Trim(host, "[]")), token)
	}
	if answer == "" {
		http.NotFound(w, q)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream") // RFC 8555 §8.3
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(answer))
}
