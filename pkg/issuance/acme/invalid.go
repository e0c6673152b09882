package acme

import (
	"context"
	"slices"
	"strings"

	"github.com/go-acme/lego/v4/acme"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// invalid returns why an order failed: the errors of its names, or else the error of the order.
func (t *attempt) invalid(ctx context.Context) error {
	all, err := t.decidedAuthzs(ctx)
	if err != nil && ctx.Err() != nil {
		return err
	}
	if failures := t.failures(all); len(failures) > 0 {
		return merged(failures)
	}
	f := &issuance.Failure{Reason: issuance.ReasonRejected, Detail: "order " + t.url + " is " + clean(t.order.Status)}
	if t.order.Error != nil {
		f = t.account.refusal(asOrder, t.order.Error)
	}
	f.Dead = true
	return f
}

// rereads is how often the authorizations of an invalid order are read again. An order is invalid
// as soon as one name has failed, and all names that fail are reported at once.
const rereads = 3

// decidedAuthzs returns the authorizations when the CA has validated all of them, or a little later.
func (t *attempt) decidedAuthzs(ctx context.Context) ([]authz, error) {
	for n := 0; ; n++ {
		all, err := t.account.authzs(ctx, t.order.Authorizations)
		pending := slices.ContainsFunc(all, func(z authz) bool { return z.Status == acme.StatusPending })
		if err != nil || !pending || n == rereads {
			return all, err
		}
		if err := sleep(ctx, pause(n, usualFirstPause, 0)); err != nil {
			return nil, err
		}
	}
}

// failures returns the failures of the names, sorted by name.
func (t *attempt) failures(all []authz) []*issuance.Failure {
	var failures []*issuance.Failure
	for _, z := range all {
		if z.Status == "" || z.Status == acme.StatusPending || z.Status == acme.StatusValid {
			continue
		}
		failures = append(failures, t.failed(z))
	}
	slices.SortFunc(failures, func(a, b *issuance.Failure) int { return strings.Compare(a.Name, b.Name) })
	return failures
}

func (t *attempt) failed(z authz) *issuance.Failure {
	for _, ch := range z.Challenges {
		if ch.Error != nil {
			f := t.account.refusal(asProof, ch.Error)
			f.Name, f.Detail, f.Dead = z.ordered(), ch.Type+": "+f.Detail, true
			return f
		}
	}
	return &issuance.Failure{Reason: issuance.ReasonValidation, Name: z.ordered(), Detail: "the authorization is " + clean(z.Status), Dead: true}
}

// merged combines the failures of several names into one that lists them.
func merged(failures []*issuance.Failure) *issuance.Failure {
	f := *failures[0]
	if len(failures) == 1 {
		return &f
	}
	var details []string
	for _, one := range failures {
		details = append(details, one.Name+": "+one.Detail)
		if one.Reason != f.Reason {
			f.Reason = issuance.ReasonValidation
		}
	}
	f.Name, f.Detail = "", strings.Join(details, "; ")
	return &f
}
