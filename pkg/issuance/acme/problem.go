package acme

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-acme/lego/v4/acme"

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

func newProblem(r reply) *problem {
	var p problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		p = problem{}
	}
	if p.Type == "" && p.Detail == "" {
		p.Detail = fmt.Sprintf("HTTP %d %s", r.status, http.StatusText(r.status))
	}
	p.status, p.retryAfter = r.status, r.retryAfter()
	return &p
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
