package issuance

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// FailureReason is a stable word for why a certificate could not be had, for metrics
// and for choosing what to do next.
type FailureReason string

// The reasons.
const (
	ReasonAccount     FailureReason = "account"      // the account cannot be used: key, EAB, terms
	ReasonRateLimited FailureReason = "rate-limited" // 429
	ReasonUnavailable FailureReason = "unavailable"  // the CA does not answer, or says 5xx
	ReasonRejected    FailureReason = "rejected"     // the CA refuses the order: name, profile, CSR, CAA
	ReasonSolver      FailureReason = "solver"       // no solver fits, or it is not usable
	ReasonProof       FailureReason = "proof"        // the answer could not be put in place
	ReasonValidation  FailureReason = "validation"   // the CA looked and did not see it
	ReasonChain       FailureReason = "chain"        // what the CA issued is not what was asked for
	ReasonStore       FailureReason = "store"        // the cluster does not take it
)

// Failure says why a certificate could not be had.
type Failure struct {
	Reason FailureReason
	// Name is the name that failed, "" where it is the order.
	Name string
	// Detail is what happened and what to do, in the words of the CA where it
	// has some; never with key material.
	Detail string
	// RetryAt is when the CA wants to be asked again at the earliest, zero if
	// it does not say.
	RetryAt time.Time
	// Dead says that the order cannot be resumed.
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

// local reports whether the CA was not troubled, so that the next run need not
// wait for the sake of it.
func (f *Failure) local() bool {
	return f.Reason == ReasonAccount || f.Reason == ReasonSolver || f.Reason == ReasonStore
}

// AsFailure makes a Failure of an error that may be one already.
func AsFailure(reason FailureReason, err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Reason: reason, Err: err}
}

// Failuref makes a Failure with a detail.
func Failuref(reason FailureReason, format string, args ...any) *Failure {
	return &Failure{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// ErrNoRenewalInfo is the answer of a CA without ARI.
var ErrNoRenewalInfo = errors.New("the CA offers no renewal information (ARI)")
