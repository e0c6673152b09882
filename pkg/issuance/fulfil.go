package issuance

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// job is the input of a worker.
type job struct {
	entry    Entry
	decision Decision
	info     RenewalInfo
	progress func(State)
	report   func(text string) // for the user
}

// fulfil issues one certificate and stores it.
func (r *Runner) fulfil(ctx context.Context, j job) (result, error) {
	o := order{runner: r, demand: j.entry.Demand, info: j.info, infoID: j.entry.Secret.RenewalID, progress: j.progress, report: j.report}
	o.secret, o.journal = j.entry.Secret, j.entry.Journal.of(o.demand.Digest)
	o.see()
	err := o.start(ctx)
	if err == nil {
		err = o.obtain(ctx)
	}
	o.result.secret, o.result.journal = o.secret, o.journal
	return o.result, err
}

// saveGrace is the time for storing an issued certificate after the end of the context.
const saveGrace = 5 * time.Second

// start reads the journal and then the Secret, in this order: if another run completes its order
// between the two, its certificate is found.
func (o *order) start(ctx context.Context) error {
	err := o.readJournal(ctx)
	if err == nil {
		err = o.readSecret(ctx)
	}
	if err != nil && !errors.Is(err, errSettled) {
		return o.failed(ctx, err)
	}
	return err
}

func (o *order) obtain(ctx context.Context) error {
	ca, err := o.runner.CA(ctx, o.demand.Issuer)
	if err != nil {
		return o.failed(ctx, AsFailure(ReasonAccount, err))
	}
	for {
		resumed := o.journal.resumes(o.demand)
		chain, err := o.issue(ctx, ca)
		switch {
		case errors.Is(err, errSettled):
			return errSettled
		case errors.Is(err, errOtherOrder):
			continue // o.journal has it now
		case resumed && (isDead(err) || err == nil && o.isStored(chain)):
			// The order cannot be resumed, or its journal was left behind; a new order is placed.
			o.abandoned = o.journal.Order
			o.journal.Order, o.journal.Key = "", nil
			continue
		case err != nil:
			return o.failed(ctx, err)
		}
		return o.finish(ctx, chain)
	}
}

// finish stores the certificate and deletes the journal.
func (o *order) finish(ctx context.Context, chain Chain) error {
	ctx, stop := shutdown.Finish(ctx, saveGrace)
	defer stop()
	if err := o.save(ctx, chain); errors.Is(err, errSettled) {
		return err
	} else if err != nil {
		return o.failed(ctx, err)
	}
	// A remaining journal is recognized: its demand is met.
	if o.runner.Store.DeleteJournal(ctx, o.demand.Ref, o.journal.Version) == nil {
		o.journal = Journal{}
	}
	return nil
}

func isDead(err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.Dead
}

// isStored reports whether the Secret has the issued certificate and is intact.
func (o *order) isStored(chain Chain) bool {
	certs, err := pki.Parse(chain.PEM)
	return err == nil && leafID(certs[0]) == o.secret.Leaf && o.secret.Damage == ""
}

// prepare creates a key, and a temporary certificate if one is requested.
func (o *order) prepare(ctx context.Context) error {
	if o.journal.resumes(o.demand) {
		return nil
	}
	o.journal.Demand, o.journal.Order, o.journal.Key = o.demand.Digest, "", o.old
	if !reusable(&o.demand.Certificate, o.old) {
		key, err := newKey(&o.demand.Certificate)
		if err != nil {
			return err
		}
		o.journal.Key = key
	}
	if !o.demand.Temporary || o.secret.Exists && o.secret.Damage == "" {
		return nil
	}
	cert, err := temporary(&o.demand.Certificate, o.journal.Key)
	if err != nil {
		return err
	}
	err = o.write(ctx, cert, "")
	if errors.Is(err, ErrConflict) {
		return o.readSecret(ctx) // and no temporary certificate: something else was written
	}
	return err
}

func (o *order) issue(ctx context.Context, ca CA) (Chain, error) {
	if err := o.prepare(ctx); err != nil {
		return Chain{}, err
	}
	csr, err := request(&o.demand.Certificate, o.journal.Key)
	if err != nil {
		return Chain{}, err
	}
	acme := o.demand.ACME()
	r := Request{
		Names: o.demand.Names, CSR: csr,
		Profile: o.demand.Profile, PreferredChain: acme.PreferredChain,
		Replaces: o.decision.Replaces, Order: o.journal.Order,
		Solver:   o.runner.Solvers(o.demand, ca),
		Progress: o.progress,
		Ordered:  o.ordered,
	}
	if c := o.demand.Certificate; acme.EnableDurationFeature && c.Duration != nil {
		r.NotAfter = time.Now().Add(c.Duration.Duration)
	}
	return ca.Issue(ctx, r)
}

// save verifies the issued certificate before it writes the Secret.
func (o *order) save(ctx context.Context, chain Chain) error {
	certs, err := pki.Parse(chain.PEM)
	if err != nil {
		return &Failure{Reason: ReasonChain, Detail: "no certificate in the CA's answer: " + err.Error(), Dead: true}
	}
	if wrong := fits(certs, o.demand, o.journal.Key); wrong != "" {
		return &Failure{Reason: ReasonChain, Detail: wrong, Dead: true}
	}
	if wrong := invalidAt(certs[0], time.Now()); wrong != "" {
		return &Failure{Reason: ReasonChain, Detail: wrong, Dead: true}
	}
	o.release(ctx)
	for n := 0; ; n++ {
		note, err := o.note(certs[0])
		if err != nil {
			return AsFailure(ReasonStore, err)
		}
		if err = o.write(ctx, chain.PEM, note); !errors.Is(err, ErrConflict) || n == maxConflicts {
			return err
		}
		if err := o.readSecret(ctx); err != nil {
			return err
		}
		if o.isStored(chain) {
			return errSettled // by another run, and a later request needs another certificate
		}
	}
}

// release deletes cert-manager's request for the replaced certificate, so that cert-manager can
// take over the new one. It comes before the Secret is written: without a request cert-manager
// also accepts the old certificate. If it fails, the certificate is stored all the same.
func (o *order) release(ctx context.Context) {
	if o.runner.Release == nil {
		return
	}
	deleted, err := o.runner.Release(ctx, o.demand, o.journal.Key)
	switch {
	case err != nil:
		o.report(fmt.Sprintf("cert-manager may issue again when it runs, because its CertificateRequest was not deleted: %v", err))
	case deleted != "":
		o.report(fmt.Sprintf("deleted CertificateRequest %s of the replaced certificate, so that cert-manager does not issue again", deleted))
	}
}

// note returns the value of IssuedAnnotation.
func (o *order) note(leaf *x509.Certificate) (string, error) {
	note, err := json.Marshal(Note{
		Leaf: leafID(leaf), Demand: o.demand.Digest, Server: o.demand.ACME().Server, Profile: o.demand.Profile,
		RenewRequest: o.secret.RenewRequest,
	})
	return string(note), err
}

// endsSoon reports whether a context ends within 100 ms: at the end of the process, contexts
// end one after another.
func endsSoon(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-time.After(100 * time.Millisecond):
		return false
	}
}

// failed records a failure in the journal, for the back-off. An interrupted try is not
// recorded.
func (o *order) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, context.Canceled) && endsSoon(ctx) {
		return context.Cause(ctx)
	}
	f := AsFailure(ReasonUnavailable, err)
	order, key := o.journal.Order, o.journal.Key
	if f.Dead {
		o.abandoned, order = order, ""
	}
	if order == "" {
		key = nil
	}
	now := time.Now().Truncate(time.Second)
	note := func(j *Journal) error {
		if !j.resumes(o.demand) || j.Order == o.abandoned {
			j.Order, j.Key = order, key
		}
		if o.secret.requestsAgain(*j) {
			j.Failures = 0
		}
		j.Demand, j.Reason, j.Detail, j.RetryAt = o.demand.Digest, f.Reason, f.Error(), notLater(f.RetryAt, now.Add(longestWait))
		j.Failures, j.Failed, j.RenewRequest = j.Failures+1, now, o.secret.RenewRequest
		return nil
	}
	if o.saveJournal(ctx, note) != nil {
		_ = note(&o.journal) // the delay applies in this process in any case
	}
	return f
}
