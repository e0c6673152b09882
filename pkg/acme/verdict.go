package acme

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// step is what was asked of the server, where that makes a difference to what
// a problem means.
type step int

const (
	asAccount  step = iota // the account
	asNewOrder             // a new order
	asOrder                // an order that is there, or a part of it
	asProof                // not a request: why a challenge failed
)

// verdict is what a problem means for an order.
type verdict struct {
	reason run.Reason
	dead   bool
}

// verdicts are those of RFC 8555 §6.7 and of RFC 9773 and the profiles draft
// that mean the same at every step.
var verdicts = map[string]verdict{
	accountDoesNotExist:       {run.ReasonAccount, true}, // and so are its orders
	externalRequired:          {run.ReasonAccount, false},
	userActionRequired:        {run.ReasonAccount, false},
	"badSignatureAlgorithm":   {run.ReasonAccount, false},
	"invalidContact":          {run.ReasonAccount, false},
	"unsupportedContact":      {run.ReasonAccount, false},
	badNonce:                  {run.ReasonUnavailable, false},
	serverInternal:            {run.ReasonUnavailable, false},
	rateLimited:               {run.ReasonRateLimited, false},
	orderNotReady:             {run.ReasonUnavailable, false},
	"connection":              {run.ReasonValidation, true},
	"dns":                     {run.ReasonValidation, true},
	"incorrectResponse":       {run.ReasonValidation, true},
	"tls":                     {run.ReasonValidation, true},
	"caa":                     {run.ReasonRejected, true},
	"badCSR":                  {run.ReasonRejected, true},
	"rejectedIdentifier":      {run.ReasonRejected, true},
	"unsupportedIdentifier":   {run.ReasonRejected, true},
	invalidProfile:            {run.ReasonRejected, true},
	alreadyReplaced:           {run.ReasonRejected, true},
	"autoRenewalExpired":      {run.ReasonRejected, true},
	"autoRenewalCanceled":     {run.ReasonRejected, true},
	"unknownDelegation":       {run.ReasonRejected, true},
	"onionCAARequired":        {run.ReasonRejected, true},
	"alreadyRevoked":          {run.ReasonRejected, true},
	"badRevocationReason":     {run.ReasonRejected, true},
	"autoRenewalNotSupported": {run.ReasonRejected, true},
}

// judge says what a problem at a step means.
func judge(at step, p *problem) verdict {
	v := at.judge(p)
	if at == asAccount || at == asNewOrder {
		v.dead = false // there is no order yet
	}
	return v
}

func (at step) judge(p *problem) verdict {
	kind := p.kind()
	switch {
	case p.status == http.StatusTooManyRequests:
		return verdict{run.ReasonRateLimited, false}
	case p.status >= http.StatusInternalServerError:
		return verdict{run.ReasonUnavailable, false}
	case kind == "compound" && len(p.Subproblems) > 0:
		return at.judge(&p.Subproblems[0])
	case kind == unauthorized && at == asProof:
		return verdict{run.ReasonValidation, true}
	case kind == unauthorized && at != asOrder, at == asAccount:
		return verdict{run.ReasonAccount, false}
	}
	if v, known := verdicts[kind]; known {
		return v
	}
	if at == asProof {
		return verdict{run.ReasonValidation, true}
	}
	// An order that is malformed, not found or not ours will not get better.
	return verdict{run.ReasonRejected, true}
}

// failure makes what callers see of an error at a step. What is none of the
// server's doing, such as the end of a context, it leaves alone.
func (a *Account) failure(at step, err error) error {
	var f *run.Failure
	var p *problem
	var s *silence
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.As(err, &p):
		return a.refusal(at, p)
	case errors.As(err, &s):
		return &run.Failure{Reason: run.ReasonUnavailable, Detail: s.text, Err: s}
	}
	return err
}

func (a *Account) refusal(at step, p *problem) *run.Failure {
	v := judge(at, p)
	f := &run.Failure{Reason: v.reason, Name: p.name(), Detail: p.Error() + a.advice(p), Dead: v.dead, Err: p}
	if p.retryAfter > 0 {
		f.RetryAt = time.Now().Add(p.retryAfter)
	}
	return f
}

// advice is what to do about a problem, where that can be known.
func (a *Account) advice(p *problem) string {
	switch p.kind() {
	case invalidProfile:
		profiles := slices.Sorted(maps.Keys(a.Meta().Profiles))
		if len(profiles) == 0 {
			return "; the CA has no profiles"
		}
		return "; the CA has " + strings.Join(profiles, ", ")
	case externalRequired:
		return "; give the key ID and key of an account at the CA"
	case userActionRequired:
		return fmt.Sprintf("; visit %s", clean(p.Instance+a.terms(p)))
	}
	return ""
}

// terms are where to agree, if the problem does not say (RFC 8555 §7.3.3).
func (a *Account) terms(p *problem) string {
	if p.Instance != "" {
		return ""
	}
	return a.Meta().Terms
}
