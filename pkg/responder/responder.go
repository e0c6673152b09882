// Package responder answers HTTP-01 and TLS-ALPN-01 challenges. An answer
// follows from the token and the account key's thumbprint (RFC 8555 §8.1), so
// one that knows thumbprints answers without being told of any order. It never
// holds a key.
package responder

import (
	"net"
	"net/http"
	"strings"
	"sync"
)

// Path is where HTTP-01 challenges are asked for (RFC 8555 §8.3).
const Path = "/.well-known/acme-challenge/"

// Responder is an HTTP handler for Path and everything else, which is not
// found. Its zero value answers nothing. It may be used at once by many.
type Responder struct {
	lock sync.RWMutex
	// tokens are the key authorizations of orders under way in this process.
	tokens map[string]string
	// thumbprints are those of hosts, and of all others under "".
	thumbprints map[string]string
}

// Know gives the thumbprint of the account that issues for some hosts, or for
// all other hosts if none is named.
func (r *Responder) Know(thumbprint string, hosts ...string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.thumbprints == nil {
		r.thumbprints = map[string]string{}
	}
	if len(hosts) == 0 {
		r.thumbprints[""] = thumbprint
	}
	for _, host := range hosts {
		r.thumbprints[strings.ToLower(host)] = thumbprint
	}
}

// add and remove keep the exact answers of orders under way.
func (r *Responder) add(token, keyAuthorization string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.tokens == nil {
		r.tokens = map[string]string{}
	}
	r.tokens[token] = keyAuthorization
}

func (r *Responder) remove(token string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.tokens, token)
}

// answer is the key authorization for a token, "" for none.
func (r *Responder) answer(host, token string) string {
	if !isToken(token) {
		return ""
	}
	r.lock.RLock()
	defer r.lock.RUnlock()
	if known := r.tokens[token]; known != "" {
		return known
	}
	thumbprint, found := r.thumbprints[strings.ToLower(host)]
	if !found {
		thumbprint = r.thumbprints[""]
	}
	if thumbprint == "" {
		return ""
	}
	return token + "." + thumbprint
}

// isToken reports whether a text can be a token: base64url of 128 bits or more
// (RFC 8555 §8.3), and not so long that it is something else. What is not is
// never sent back.
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
		answer = r.answer(strings.Trim(host, "[]"), token)
	}
	if answer == "" {
		http.NotFound(w, q)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream") // RFC 8555 §8.3
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(answer))
}
