package issuance

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// job is what a worker gets to do.
type job struct {
	Entry
	decision Decision
	info     RenewalInfo
	progress func(State)
}

// errSettled says that there was nothing to do any more.
var errSettled = errors.New("nothing to do")

// fulfil has one certificate issued and stores it. It returns what the Secret
// holds then, and the journal that is left. The Secret is looked at once more
// before: what is there already is not ordered again.
func (r *Runner) fulfil(ctx context.Context, j job) (SecretState, Journal, error) {
	o := order{Runner: r, d: j.Demand, job: j, journal: j.Journal}
	if o.journal.Demand != o.d.Digest {
		o.journal = Journal{Version: j.Journal.Version} // what failed was asked for differently
	}
	current, exists, err := r.Store.Secret(ctx, j.Ref)
	if err != nil {
		return j.Have, o.journal, o.failed(ctx, AsFailure(ReasonStore, err))
	}
	if exists {
		o.have, o.old = Examine(current), current.Key
	}
	o.decision = Decide(o.d, o.have, j.info, Journal{}, time.Now(), r.Rules)
	switch {
	case o.decision.Held != "":
		return o.have, o.journal, Failuref(ReasonStore, "%s", o.decision.Held)
	case o.decision.Why == "":
		return o.have, o.journal, errSettled
	}
	if j.info.Start.IsZero() {
		o.decision.Replaces = "" // the CA may not know the certificate
	}
	err = o.obtain(ctx)
	return o.have, o.journal, err
}

// order is one certificate on its way.
type order struct {
	*Runner
	job

	d       *Demand
	have    SecretState
	old     []byte // the private key there is, may be nil
	journal Journal
}

// saveGrace is how long it may take to store what the CA has issued after the
// end of the context.
const saveGrace = 5 * time.Second

func (o *order) obtain(ctx context.Context) error {
	ca, err := o.CA(ctx, o.d.Issuer)
	if err != nil {
		return o.failed(ctx, AsFailure(ReasonAccount, err))
	}
	resumed := o.journal.resumes(o.d)
	if err := o.prepare(ctx); err != nil {
		return o.failed(ctx, err)
	}
	chain, err := o.issue(ctx, ca)
	if f := (*Failure)(nil); resumed && errors.As(err, &f) && f.Dead {
		// What an earlier run began cannot be finished; this need is still met.
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
	// A journal that stays behind is recognised by its demand being met.
	if o.Store.Forget(ctx, o.d.Ref, o.journal.Version) == nil {
		o.journal = Journal{}
	}
	return nil
}

// prepare sees to a key, and to a temporary certificate where one is wanted.
func (o *order) prepare(ctx context.Context) error {
	if o.journal.resumes(o.d) {
		return nil
	}
	o.journal.Demand, o.journal.Order, o.journal.Key = o.d.Digest, "", o.old
	if !reusable(&o.d.Certificate, o.old) {
		key, err := newKey(&o.d.Certificate)
		if err != nil {
			return err
		}
		o.journal.Key = key
	}
	if !o.d.Temporary || o.have.Exists && o.have.Damage == "" {
		return nil
	}
	cert, err := temporary(&o.d.Certificate, o.journal.Key)
	if err != nil {
		return err
	}
	return o.store(ctx, Pair{Cert: cert, Key: o.journal.Key})
}

func (o *order) issue(ctx context.Context, ca CA) (Chain, error) {
	csr, err := request(&o.d.Certificate, o.journal.Key)
	if err != nil {
		return Chain{}, err
	}
	acme := o.d.ACME()
	r := Request{
		Names: o.d.Names, CSR: csr,
		Profile: o.d.Profile, PreferredChain: acme.PreferredChain,
		Replaces: o.decision.Replaces, Order: o.journal.Order,
		Solver:   o.Solvers(o.d, ca),
		Progress: o.progress,
		Ordered: func(ctx context.Context, url string) error {
			if url == o.journal.Order {
				return nil
			}
			j := o.journal
			j.Order = url
			kept, err := o.Store.Keep(ctx, o.d, j)
			if err == nil {
				o.journal = kept
			}
			return err
		},
	}
	if c := o.d.Certificate; acme.EnableDurationFeature && c.Duration != nil {
		r.NotAfter = time.Now().Add(c.Duration.Duration)
	}
	return ca.Issue(ctx, r)
}

// save checks what the CA issued, and only then touches the Secret.
func (o *order) save(ctx context.Context, chain Chain) error {
	certs, err := pki.Parse(chain.PEM)
	if err != nil {
		return &Failure{Reason: ReasonChain, Detail: "the CA's answer holds no certificate: " + err.Error(), Dead: true}
	}
	if wrong := fits(certs, o.d, o.journal.Key); wrong != "" {
		return &Failure{Reason: ReasonChain, Detail: wrong, Dead: true}
	}
	if wrong := invalidAt(certs[0], time.Now()); wrong != "" {
		return &Failure{Reason: ReasonChain, Detail: wrong, Dead: true}
	}
	note, err := json.Marshal(o.note(certs[0]))
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	return o.store(ctx, Pair{Cert: chain.PEM, Key: o.journal.Key, Annotations: describe(o.d, certs[0], string(note))})
}

func (o *order) note(leaf *x509.Certificate) Note {
	n := Note{Leaf: leafID(leaf), Demand: o.d.Digest, Server: o.d.ACME().Server, Profile: o.d.Profile}
	n.Asked = o.have.AskedAs
	return n
}

// store writes a pair, and notes what is there then.
func (o *order) store(ctx context.Context, p Pair) error {
	if p.Annotations == nil {
		certs, err := pki.Parse(p.Cert)
		if err != nil {
			return AsFailure(ReasonChain, err)
		}
		p.Annotations = describe(o.d, certs[0], "")
	}
	version, err := o.Store.Save(ctx, o.d, p, o.have.Version)
	if err != nil && o.touched(ctx) {
		version, err = o.Store.Save(ctx, o.d, p, o.have.Version)
	}
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	o.have = Examine(Secret{Type: tlsType, Annotations: p.Annotations, Cert: p.Cert, Key: p.Key, Version: version})
	return nil
}

// touched reports whether the Secret was written meanwhile, but is still the
// one that was judged: a label or an annotation more is no reason to lose a
// certificate.
func (o *order) touched(ctx context.Context) bool {
	current, exists, err := o.Store.Secret(ctx, o.d.Ref)
	if err != nil || !exists || !o.have.Exists {
		return false
	}
	now := Examine(current)
	if now.Foreign != o.have.Foreign || now.Leaf != o.have.Leaf || now.Version == o.have.Version {
		return false
	}
	o.have.Version = now.Version
	return true
}

// endsSoon reports whether a context ends as another has: the end of the process
// reaches contexts one after the other.
func endsSoon(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-time.After(100 * time.Millisecond):
		return false
	}
}

// failed notes a failure in the journal, for the back-off; an interrupted try
// is none.
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
	j.Demand, j.Reason, j.Detail, j.RetryAt = o.d.Digest, f.Reason, f.Error(), notLater(f.RetryAt, now.Add(longestWait))
	j.Failures, j.Failed = j.Failures+1, now
	o.journal = j // the wait holds in this process in any case
	if f.local() {
		return f
	}
	if kept, err := o.Store.Keep(ctx, o.d, j); err == nil {
		o.journal = kept
	}
	return f
}
