package issuance

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// FailureReason is a stable word for why an issuance failed, for metrics and for choosing what
// to do next.
type FailureReason string

// The reasons.
const (
	ReasonAccount     FailureReason = "account"      // the account cannot be used: key, EAB, terms
	ReasonRateLimited FailureReason = "rate-limited" // 429
	ReasonUnavailable FailureReason = "unavailable"  // the CA does not answer, or answers 5xx
	ReasonRejected    FailureReason = "rejected"     // the CA rejects the order: name, profile, CSR, CAA
	ReasonSolver      FailureReason = "solver"       // no solver matches, or the solver is not usable
	ReasonChallenge   FailureReason = "challenge"    // the answer to the challenge could not be provided
	ReasonValidation  FailureReason = "validation"   // the CA's validation failed
	ReasonChain       FailureReason = "chain"        // the CA issued a different certificate
	ReasonStore       FailureReason = "store"        // the cluster rejects the Secret
)

// isFree reports whether no CA counts such a failure against a limit: it was not asked to validate
// anything, or did not answer.
func (r FailureReason) isFree() bool {
	return r == ReasonAccount || r == ReasonSolver || r == ReasonStore || r == ReasonUnavailable
}

// Failure is why an issuance failed.
type Failure struct {
	Reason FailureReason
	// Name is the name that failed, "" if the whole order did.
	Name string
	// Detail is what happened and what to do, with the CA's message if there is one; never with
	// key material.
	Detail string
	// RetryAt is the earliest time of the next request that the CA allows, zero if it sets
	// none.
	RetryAt time.Time
	// Dead is whether the order cannot be resumed.
	Dead bool
	// Err is the cause, may be nil.
	Err error
}

func (f *Failure) Error() string {
	parts := []string{string(f.Reason)}
	if f.Name != "" {
		parts = append(parts, f.Name)
	}
	if f.Detail != "" {
		parts = append(parts, f.Detail)
	}
	if f.Err != nil && f.Detail == "" {
		parts = append(parts, f.Err.Error())
	}
	return strings.Join(parts, ": ")
}

func (f *Failure) Unwrap() error { return f.Err }

// AsFailure returns err as a Failure, with the given reason unless it is one already.
func AsFailure(reason FailureReason, err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Reason: reason, Err: err}
}

// Failuref returns a Failure with a detail.
func Failuref(reason FailureReason, format string, args ...any) *Failure {
	return &Failure{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// ErrNoRenewalInfo is the result of a CA without ARI.
var ErrNoRenewalInfo = errors.New("the CA offers no renewal information (ARI)")
