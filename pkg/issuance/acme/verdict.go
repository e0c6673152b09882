package acme

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// step is the kind of request, if that changes the meaning of a problem.
type step int

const (
	asAccount  step = iota // the account
	asNewOrder             // a new order
	asOrder                // an existing order, or a part of it
	asProof                // not a request: why a challenge failed
)

// verdict is the meaning of a problem for an order.
type verdict struct {
	reason issuance.FailureReason
	dead   bool
}

// verdicts are the problems of RFC 8555 §6.7, RFC 9773 and the profiles draft that mean the
// same at every step.
var verdicts = map[string]verdict{
	accountDoesNotExist:       {issuance.ReasonAccount, true}, // and its orders are lost too
	externalRequired:          {issuance.ReasonAccount, false},
	userActionRequired:        {issuance.ReasonAccount, false},
	"badSignatureAlgorithm":   {issuance.ReasonAccount, false},
	"invalidContact":          {issuance.ReasonAccount, false},
	"unsupportedContact":      {issuance.ReasonAccount, false},
	badNonce:                  {issuance.ReasonUnavailable, false},
	serverInternal:            {issuance.ReasonUnavailable, false},
	rateLimited:               {issuance.ReasonRateLimited, false},
	orderNotReady:             {issuance.ReasonUnavailable, false},
	"connection":              {issuance.ReasonValidation, true},
	"dns":                     {issuance.ReasonValidation, true},
	"incorrectResponse":       {issuance.ReasonValidation, true},
	"tls":                     {issuance.ReasonValidation, true},
	"caa":                     {issuance.ReasonRejected, true},
	"badCSR":                  {issuance.ReasonRejected, true},
	"rejectedIdentifier":      {issuance.ReasonRejected, true},
	"unsupportedIdentifier":   {issuance.ReasonRejected, true},
	invalidProfile:            {issuance.ReasonRejected, true},
	alreadyReplaced:           {issuance.ReasonRejected, true},
	"autoRenewalExpired":      {issuance.ReasonRejected, true},
	"autoRenewalCanceled":     {issuance.ReasonRejected, true},
	"unknownDelegation":       {issuance.ReasonRejected, true},
	"onionCAARequired":        {issuance.ReasonRejected, true},
	"alreadyRevoked":          {issuance.ReasonRejected, true},
	"badRevocationReason":     {issuance.ReasonRejected, true},
	"autoRenewalNotSupported": {issuance.ReasonRejected, true},
}

// classify classifies a problem at a step.
func classify(at step, p *problem) verdict {
	v := at.classify(p)
	if at == asAccount || at == asNewOrder {
		v.dead = false // there is no order yet
	}
	return v
}

func (at step) classify(p *problem) verdict {
	kind := p.kind()
	switch {
	case p.status == http.StatusTooManyRequests:
		return verdict{issuance.ReasonRateLimited, false}
	case p.status >= http.StatusInternalServerError:
		return verdict{issuance.ReasonUnavailable, false}
	case kind == "compound" && len(p.Subproblems) > 0:
		return at.classify(&p.Subproblems[0])
	case kind == unauthorized && at == asProof:
		return verdict{issuance.ReasonValidation, true}
	case kind == unauthorized && at != asOrder, at == asAccount:
		return verdict{issuance.ReasonAccount, false}
	}
	if v, known := verdicts[kind]; known {
		return v
	}
	if at == asProof {
		return verdict{issuance.ReasonValidation, true}
	}
	// A malformed, missing or foreign order cannot be repaired.
	return verdict{issuance.ReasonRejected, true}
}

// failure returns an error at a step as an *issuance.Failure. It returns errors that do not
// come from the server, such as the end of a context, unchanged.
func (a *Account) failure(at step, err error) error {
	var f *issuance.Failure
	var p *problem
	var s *noResponse
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.As(err, &p):
		return a.refusal(at, p)
	case errors.As(err, &s):
		return &issuance.Failure{Reason: issuance.ReasonUnavailable, Detail: s.text, Err: s}
	}
	return err
}

func (a *Account) refusal(at step, p *problem) *issuance.Failure {
	v := classify(at, p)
	f := &issuance.Failure{Reason: v.reason, Name: p.name(), Detail: p.Error() + a.advice(p), Dead: v.dead, Err: p}
	if p.retryAfter > 0 {
		f.RetryAt = time.Now().Add(p.retryAfter)
	}
	return f
}

// advice returns what to do about a problem, if that is known.
func (a *Account) advice(p *problem) string {
	switch p.kind() {
	case invalidProfile:
		profiles := slices.Sorted(maps.Keys(a.Meta().Profiles))
		if len(profiles) == 0 {
			return "; the CA offers no profiles"
		}
		return "; the CA offers " + strings.Join(profiles, ", ")
	case externalRequired:
		return "; set the key ID and key of an account at the CA"
	case userActionRequired:
		return fmt.Sprintf("; visit %s", clean(p.Instance+a.terms(p)))
	}
	return ""
}

// terms returns the URL of the terms, if the problem has none (RFC 8555 §7.3.3).
func (a *Account) terms(p *problem) string {
	if p.Instance != "" {
		return ""
	}
	return a.Meta().Terms
}
