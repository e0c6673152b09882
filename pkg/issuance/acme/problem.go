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

// errorNamespace is what the types of ACME problems start with (RFC 8555 §6.7).
const errorNamespace = "urn:ietf:params:acme:error:"

// The problems that something is done about.
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

// problem is a problem document (RFC 8555 §6.7) and what HTTP says beside it.
// lego's own leaves out Retry-After and what is no JSON.
type problem struct {
	Type        string           `json:"type"`
	Detail      string           `json:"detail"`
	Instance    string           `json:"instance"`
	Identifier  *acme.Identifier `json:"identifier"`
	Subproblems []problem        `json:"subproblems"`

	status     int           // HTTP's, 0 inside another object
	retryAfter time.Duration // 0 if the server does not say
}

// kind is the type without the namespace.
func (p *problem) kind() string { return strings.TrimPrefix(p.Type, errorNamespace) }

// Error is what the CA says, with its subproblems (RFC 8555 §6.7.1), in one
// line.
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

// name is the one name that the problem is about, "" if it is about none or
// several.
func (p *problem) name() string {
	if p.Identifier != nil {
		return clean(p.Identifier.Value)
	}
	if len(p.Subproblems) == 1 {
		return p.Subproblems[0].name()
	}
	return ""
}

// clean makes a bounded line of what somebody else wrote, fit for a terminal.
func clean(text string) string {
	text = printable.Line(strings.Join(strings.Fields(text), " "))
	const most = 2000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// hasType tells whether an error is a problem of a type.
func hasType(err error, kind string) bool {
	var p *problem
	return errors.As(err, &p) && p.kind() == kind
}

// silence is a request without an answer, or without one that can be read. It
// wraps nothing: the cause may look like the end of a context that is well.
type silence struct {
	text string
	// sent says that the server may have done what it was asked for.
	sent bool
	// final says that asking again is of no use.
	final bool
}

func (s *silence) Error() string { return s.text }

// trouble is what may be over when asked again.
type trouble struct {
	sent       bool // the server may have done what it was asked for
	retryAfter time.Duration
}

// troubleOf tells trouble of the server from what it means.
func troubleOf(err error) (trouble, bool) {
	var f *issuance.Failure
	var p *problem
	var s *silence
	switch {
	case errors.As(err, &f): // somebody has decided
		return trouble{}, false
	case errors.As(err, &s):
		return trouble{sent: s.sent}, !s.final
	case errors.As(err, &p):
		// 429 and 503 turn away; the others may come after the deed.
		refused := p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable
		busy := refused || p.status >= http.StatusInternalServerError || p.status == http.StatusRequestTimeout || p.kind() == badNonce
		return trouble{sent: !refused && p.kind() != badNonce, retryAfter: p.retryAfter}, busy
	}
	return trouble{}, false
}

// isLimit tells a rate limit of the account or a name, which is not waited for,
// from a server that is too busy for anybody.
func isLimit(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.status == http.StatusTooManyRequests && p.kind() == rateLimited
}

// isDoubt tells whether a request may have done its work though it failed. The
// end of a context may come at any time.
func isDoubt(err error) bool {
	trouble, _ := troubleOf(err)
	return trouble.sent || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
