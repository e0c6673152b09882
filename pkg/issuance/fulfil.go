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
	note     func(string)
}

// errSettled reports that the certificate is already up to date.
var errSettled = errors.New("nothing to do")

// fulfil issues one certificate and stores it. It returns the state of the Secret and the
// remaining journal. It reads the Secret first, so that an existing certificate is not ordered
// again, and then the journal: the known one may be that of an earlier order.
func (r *Runner) fulfil(ctx context.Context, j job) (SecretState, Journal, error) {
	o := order{runner: r, demand: j.entry.Demand, progress: j.progress, note: j.note}
	o.journal = j.entry.Journal.of(o.demand.Digest)
	current, exists, err := r.Store.Secret(ctx, j.entry.Ref)
	if err != nil {
		return j.entry.Secret, o.journal, o.failed(ctx, AsFailure(ReasonStore, err))
	}
	if exists {
		o.secret, o.old = Examine(current), current.Key
		if known := j.entry.Secret; known.Leaf == o.secret.Leaf {
			o.secret.OrderURL = known.OrderURL
		}
	}
	o.decision = r.Rules.Decide(Entry{Ref: j.entry.Ref, Demand: o.demand, Secret: o.secret}, j.info, time.Now())
	switch {
	case o.decision.Deferred != "":
		return o.secret, o.journal, Failuref(ReasonStore, "%s", o.decision.Deferred)
	case o.decision.Why == "":
		return o.secret, o.journal, errSettled
	}
	stored, err := r.Store.Journal(ctx, j.entry.Ref)
	if err != nil {
		return o.secret, o.journal, o.failed(ctx, AsFailure(ReasonStore, err))
	}
	o.journal = o.journal.refresh(stored.of(o.demand.Digest))
	if j.info.Start.IsZero() {
		o.decision.Replaces = "" // the CA may not have issued the certificate
	}
	err = o.obtain(ctx)
	return o.secret, o.journal, err
}

// order is one certificate in progress.
type order struct {
	runner   *Runner
	demand   *Demand
	decision Decision
	secret   SecretState
	old      []byte // the existing private key, may be nil
	journal  Journal
	progress func(State)
	note     func(string)
}

// saveGrace is the time for storing an issued certificate after the end of the context.
const saveGrace = 5 * time.Second

func (o *order) obtain(ctx context.Context) error {
	ca, err := o.runner.CA(ctx, o.demand.Issuer)
	if err != nil {
		return o.failed(ctx, AsFailure(ReasonAccount, err))
	}
	resumed := o.journal.resumes(o.demand)
	if err := o.prepare(ctx); err != nil {
		return o.failed(ctx, err)
	}
	chain, err := o.issue(ctx, ca)
	if resumed && (isDead(err) || err == nil && o.isStored(chain)) {
		// The order cannot be resumed, or its journal was left behind; a new order is placed.
		o.journal = Journal{Failures: o.journal.Failures, Version: o.journal.Version}
		if err := o.prepare(ctx); err != nil {
			return o.failed(ctx, err)
		}
		chain, err = o.issue(ctx, ca)
	}
	if err != nil {
		return o.failed(ctx, err)
	}
	ctx, stop := shutdown.Finish(ctx, saveGrace)
	defer stop()
	if err := o.save(ctx, chain); err != nil {
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
	return o.store(ctx, Pair{Cert: cert, Key: o.journal.Key})
}

func (o *order) issue(ctx context.Context, ca CA) (Chain, error) {
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
		Ordered: func(ctx context.Context, url string) error {
			if url == o.journal.Order {
				return nil
			}
			j := o.journal
			j.Order = url
			kept, err := o.runner.Store.SaveJournal(ctx, o.demand, j)
			if err == nil {
				o.journal = kept
			}
			return err
		},
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
	note, err := json.Marshal(o.issued(certs[0]))
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	o.release(ctx)
	return o.store(ctx, Pair{Cert: chain.PEM, Key: o.journal.Key, Annotations: describe(o.demand, certs[0], string(note))})
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
		o.note(fmt.Sprintf("cert-manager may issue again when it runs, because its CertificateRequest was not deleted: %v", err))
	case deleted != "":
		o.note(fmt.Sprintf("deleted CertificateRequest %s of the replaced certificate, so that cert-manager does not issue again", deleted))
	}
}

func (o *order) issued(leaf *x509.Certificate) Note {
	n := Note{Leaf: leafID(leaf), Demand: o.demand.Digest, Server: o.demand.ACME().Server, Profile: o.demand.Profile}
	n.RenewRequest = o.secret.RenewRequest
	return n
}

// store writes a pair and updates the known state of the Secret.
func (o *order) store(ctx context.Context, p Pair) error {
	if p.Annotations == nil {
		certs, err := pki.Parse(p.Cert)
		if err != nil {
			return AsFailure(ReasonChain, err)
		}
		p.Annotations = describe(o.demand, certs[0], "")
	}
	version, err := o.runner.Store.Save(ctx, o.demand, p, o.secret.Version)
	if err != nil && o.isTouched(ctx) {
		version, err = o.runner.Store.Save(ctx, o.demand, p, o.secret.Version)
	}
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	o.secret = Examine(Secret{Type: tlsType, Annotations: p.Annotations, Cert: p.Cert, Key: p.Key, Version: version})
	return nil
}

// touched reports whether the Secret has changed but still has the same certificate: a new
// label or annotation must not lose the issued certificate.
func (o *order) isTouched(ctx context.Context) bool {
	current, exists, err := o.runner.Store.Secret(ctx, o.demand.Ref)
	if err != nil || !exists || !o.secret.Exists {
		return false
	}
	now := Examine(current)
	if now.Foreign != o.secret.Foreign || now.Leaf != o.secret.Leaf || now.Version == o.secret.Version {
		return false
	}
	o.secret.Version = now.Version
	return true
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
	j := o.journal
	if f.Dead {
		j.Order, j.Key = "", nil
	}
	now := time.Now().Truncate(time.Second)
	j.Demand, j.Reason, j.Detail, j.RetryAt = o.demand.Digest, f.Reason, f.Error(), notLater(f.RetryAt, now.Add(longestWait))
	j.Failures, j.Failed = j.Failures+1, now
	o.journal = j // the delay applies in this process in any case
	if f.local() {
		return f
	}
	if kept, err := o.runner.Store.SaveJournal(ctx, o.demand, j); err == nil {
		o.journal = kept
	}
	return f
}
