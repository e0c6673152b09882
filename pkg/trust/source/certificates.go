package source

import (
	"errors"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// ServerError is the refusal to take what a server sends, which anybody may
// have sent.
type ServerError struct {
	Address string // HOST:PORT
}

func (e *ServerError) Error() string { return e.Address + ": a server is no source here" }

// DamageError is the refusal to take certificates from sources that have lost
// some: what is lost would count as not wanted.
type DamageError struct {
	Findings []finding.Finding // at least one
}

// Error returns the findings, each on a line of its own.
func (e *DamageError) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap returns an error for each finding.
func (e *DamageError) Unwrap() []error {
	errs := make([]error, len(e.Findings))
	for i, f := range e.Findings {
		errs[i] = errors.New(f.String())
	}
	return errs
}

// Bundle returns all files as one bundle.
func (c Contents) Bundle() trust.Bundle { return trust.Join(c.Bundles...) }

// Certificates returns the certificates of all files in canonical order. An
// error is a *ServerError or a *DamageError.
func (c Contents) Certificates() ([]trust.Entry, error) {
	if len(c.Chains) > 0 {
		return nil, &ServerError{c.Chains[0].Address}
	}
	b := c.Bundle()
	if damage := trust.Blocking(trust.Judge(trust.Bundle{Findings: b.Findings}, trust.Generic, time.Now())); len(damage) > 0 {
		return nil, &DamageError{damage}
	}
	return trust.Normalise(b.Entries), nil
}
