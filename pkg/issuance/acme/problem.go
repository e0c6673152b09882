package acme

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-acme/lego/v4/acme"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// errorNamespace is the prefix of the types of ACME problems (RFC 8555 §6.7).
const errorNamespace = "urn:ietf:params:acme:error:"

// The problem types with special handling.
const (
	accountDoesNotExist = "accountDoesNotExist"
	alreadyReplaced     = "alreadyReplaced"
	badNonce            = "badNonce"
	externalRequired    = "externalAccountRequired"
	invalidProfile      = "invalidProfile"
	malformed           = "malformed"
	orderNotReady       = "orderNotReady"
	rateLimited         = "rateLimited"
	serverInternal      = "serverInternal"
	unauthorized        = "unauthorized"
	userActionRequired  = "userActionRequired"
)

// problem is a problem document (RFC 8555 §6.7) with HTTP's status and Retry-After. lego's type
// lacks Retry-After and bodies that are not JSON.
type problem struct {
	Type        string           `json:"type"`
	Detail      string           `json:"detail"`
	Instance    string           `json:"instance"`
	Identifier  *acme.Identifier `json:"identifier"`
	Subproblems []problem        `json:"subproblems"`

	status     int           // HTTP status, 0 inside another object
	retryAfter time.Duration // 0 if not given
}

// kind returns the type without the namespace.
func (p *problem) kind() string { return strings.TrimPrefix(p.Type, errorNamespace) }

// Error returns the CA's message with its subproblems (RFC 8555 §6.7.1), on one line.
func (p *problem) Error() string {
	text := clean(p.Detail)
	switch kind := clean(p.kind()); {
	case text == "":
		text = kind
	case kind != "" && kind != "about:blank":
		text += " (" + kind + ")"
	}
	for _, sub := range p.Subproblems {
		text += "; " + sub.named()
	}
	return text
}

func (p *problem) named() string {
	if p.Identifier == nil {
		return p.Error()
	}
	return clean(p.Identifier.Value) + ": " + p.Error()
}

// name returns the name that the problem concerns, "" if there is none or several.
func (p *problem) name() string {
	if p.Identifier != nil {
		return clean(p.Identifier.Value)
	}
	if len(p.Subproblems) == 1 {
		return p.Subproblems[0].name()
	}
	return ""
}

// clean makes a foreign text one line of limited length, safe for a terminal.
func clean(text string) string {
	text = printable.Line(strings.Join(strings.Fields(text), " "))
	const most = 2000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// hasType reports whether an error is a problem of a type.
func hasType(err error, kind string) bool {
	var p *problem
	return errors.As(err, &p) && p.kind() == kind
}

// noResponse is a request without an answer, or without a readable one. It wraps no error: the
// cause may look like the end of a context that has not ended.
type noResponse struct {
	text string
	// sent is whether the server may have processed the request.
	sent bool
	// final is whether a retry is pointless.
	final bool
	// silent is whether the server accepted the connection and did not answer in time.
	silent bool
}

func (s *noResponse) Error() string { return s.text }

// temporaryError is a temporary failure of the server.
type temporaryError struct {
	sent       bool // the server may have processed the request
	retryAfter time.Duration
}

// temporaryErrorOf returns the temporary failure in an error, if it is one.
func temporaryErrorOf(err error) (temporaryError, bool) {
	var f *issuance.Failure
	var p *problem
	var s *noResponse
	switch {
	case errors.As(err, &f): // already classified
		return temporaryError{}, false
	case errors.As(err, &s):
		return temporaryError{sent: s.sent}, !s.final
	case errors.As(err, &p):
		// 429 and 503 reject a request; after the other codes it may have been processed.
		refused := p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable
		busy := refused || p.status >= http.StatusInternalServerError || p.status == http.StatusRequestTimeout || p.kind() == badNonce
		return temporaryError{sent: !refused && p.kind() != badNonce, retryAfter: p.retryAfter}, busy
	}
	return temporaryError{}, false
}

// isLimit reports whether an error is a rate limit of the account or a name, which is not
// retried, and not a server that is too busy.
func isLimit(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.status == http.StatusTooManyRequests && p.kind() == rateLimited
}

// mayBeProcessed reports whether a request may have been processed although it failed. A context may
// end at any time.
func mayBeProcessed(err error) bool {
	t, _ := temporaryErrorOf(err)
	return t.sent || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
