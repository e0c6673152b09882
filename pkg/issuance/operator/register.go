package operator

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/acme"
)

// Register opens the ACME accounts of the issuers of requested certificates: it finds the account of
// the key, or registers one. It generates missing keys, and orders no certificates. It calls
// opened for each account. Errors are joined; one issuer's does not stop the others.
func (o *Operator) Register(ctx context.Context, hooks Hooks, opened func(issuer string, account Account)) error {
	entries, err := o.requested(ctx, hooks)
	if err != nil {
		return err
	}
	gate := o.runner(ctx, nil).Gate
	var errs []error
	for _, issuer := range issuersOf(entries) {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		ca, err := o.dialer.dial(ctx, issuer, gate)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		one := Account{Thumbprint: ca.Thumbprint()}
		if account, ok := ca.(*acme.Account); ok {
			one.URL = account.URL()
		}
		opened(issuer.Key().String(), one)
	}
	return errors.Join(errs...)
}

// issuersOf returns the ACME issuers of entries, sorted.
func issuersOf(entries []issuance.Entry) []issuance.Issuer {
	var all []issuance.Issuer
	for _, e := range entries {
		if e.Demand != nil && e.Demand.ACME() != nil {
			all = append(all, e.Demand.Issuer)
		}
	}
	return distinct(all)
}

// distinct sorts issuers and removes duplicates.
func distinct(issuers []issuance.Issuer) []issuance.Issuer {
	key := func(i issuance.Issuer) string { return i.Key().String() }
	slices.SortFunc(issuers, func(x, y issuance.Issuer) int { return cmp.Compare(key(x), key(y)) })
	return slices.CompactFunc(issuers, func(x, y issuance.Issuer) bool { return key(x) == key(y) })
}
