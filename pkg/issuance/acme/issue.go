package acme

import (
	"context"
	"errors"
	"sync"

	"github.com/go-acme/lego/v4/acme"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// maxTurns is how often an order may change its status. A normal order changes it four times.
const maxTurns = 12

// Issue implements issuance.CA. It fails as Dead if the request's Order is unknown to the
// server or finished.
func (a *Account) Issue(ctx context.Context, r issuance.Request) (issuance.Chain, error) {
	names, err := canonical(r.Names)
	if err != nil {
		return issuance.Chain{}, err
	}
	outer, stop := a.until(ctx)
	defer stop()
	ctx, fail := context.WithCancelCause(outer)
	t := &attempt{account: a, request: r, names: names, caller: outer, journal: func() error { return nil }}
	chain, err := t.run(ctx, fail)
	if err != nil {
		fail(err)
	}
	journalled := t.journal()
	if err != nil {
		t.release(journalled)
	}
	t.cleaning.Wait()
	fail(nil)
	switch {
	case err == nil:
		t.progress(issuance.Issued)
		return chain, nil
	case outer.Err() != nil:
		return issuance.Chain{}, outer.Err()
	case journalled != nil && isContextEnd(err):
		return issuance.Chain{}, journalled
	}
	return issuance.Chain{}, issuance.AsFailure(issuance.ReasonUnavailable, a.failure(asOrder, err))
}

// isContextEnd reports whether err is only the end of a context, whose cause is returned elsewhere.
func isContextEnd(err error) bool {
	var f *issuance.Failure
	return errors.Is(err, context.Canceled) && !errors.As(err, &f)
}

// run runs the order's state machine (RFC 8555 §7.1.6). A resumed order continues in its
// current state.
func (t *attempt) run(ctx context.Context, fail context.CancelCauseFunc) (issuance.Chain, error) {
	if err := t.begin(ctx); err != nil {
		return issuance.Chain{}, err
	}
	if t.order.isOpen() {
		t.journal = t.journalURL(ctx, fail)
	}
	t.progress(issuance.Ordered)
	if t.resumed && t.order.Status != acme.StatusPending { // otherwise validate does it
		t.cleanAll()
	}
	for range maxTurns {
		var err error
		switch t.order.Status {
		case acme.StatusPending:
			err = t.validate(ctx)
		case acme.StatusReady:
			err = t.finalize(ctx)
		case acme.StatusProcessing:
			err = t.await(ctx, "has been processing the certificate", acme.StatusProcessing)
		case acme.StatusValid:
			return t.download(ctx)
		default:
			err = t.invalid(ctx)
		}
		if err != nil {
			return issuance.Chain{}, err
		}
	}
	return issuance.Chain{}, issuance.Failuref(issuance.ReasonUnavailable, "order %s: its status keeps changing", t.url)
}

// journalURL journals the order while its names are validated. If that fails, the attempt fails.
func (t *attempt) journalURL(ctx context.Context, fail context.CancelCauseFunc) func() error {
	if t.request.Ordered == nil {
		return func() error { return nil }
	}
	return sync.OnceValue(async(func() error {
		longer, stop := shutdown.Finish(ctx, grace)
		defer stop()
		err := t.request.Ordered(longer, t.url)
		if err == nil {
			return nil
		}
		failure := issuance.AsFailure(issuance.ReasonStore, err)
		fail(failure)
		return failure
	}))
}

// release makes an order that is not journalled available to the next request for its names.
func (t *attempt) release(journalled error) {
	unkept := t.request.Order == "" && (t.request.Ordered == nil || journalled != nil)
	if unkept && t.url != "" && t.order.isOpen() {
		t.account.orphans.release(t.key(), t.url)
	}
}

// async starts f and returns a function that waits for its error.
func async(f func() error) func() error {
	done := make(chan error, 1)
	go func() { done <- panics.Guard(f)() }()
	return func() error { return <-done }
}
