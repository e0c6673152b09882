package issuance

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// result is what a worker leaves.
type result struct {
	secret  SecretState
	journal Journal
	// placed is whether it placed an order.
	placed bool
	// secrets and journals are the versions that it read or replaced.
	secrets, journals []string
}

// errSettled reports that the certificate need not be ordered any more, or cannot be: the Secret
// has changed. It is decided about again.
var errSettled = errors.New("nothing to do")

// order is one certificate in progress.
type order struct {
	runner   *Runner
	demand   *Demand
	info     RenewalInfo
	infoID   string // the certificate of the renewal information
	decision Decision
	secret   SecretState
	old      []byte // the existing private key, may be nil
	journal  Journal
	// abandoned is the last order that cannot be resumed; a journal with it is obsolete.
	abandoned string
	result    result
	progress  func(State)
	report    func(text string)
}

// maxConflicts is how often a write is repeated. Each conflict is a write of another process.
const maxConflicts = 10

// errOtherOrder reports that another run has journalled an order for the same certificate, which
// is resumed instead.
var errOtherOrder = errors.New("another order is in the journal")

// see records the versions that are known now.
func (o *order) see() {
	o.result.secrets = append(o.result.secrets, o.secret.Version)
	o.result.journals = append(o.result.journals, o.journal.Version)
}

// readJournal reads the journal: the known one may be that of an earlier order.
func (o *order) readJournal(ctx context.Context) error {
	stored, err := o.runner.Store.Journal(ctx, o.demand.Ref)
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	o.journal = o.journal.refresh(stored.of(o.demand.Digest))
	o.see()
	return nil
}

// readSecret reads the Secret and decides about it. It returns errSettled if no certificate is due,
// or if something prevents an order.
func (o *order) readSecret(ctx context.Context) error {
	current, exists, err := o.runner.Store.Secret(ctx, o.demand.Ref)
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	known := o.secret
	o.secret, o.old = SecretState{}, nil
	if exists {
		o.secret, o.old = Examine(current), current.Key
		if known.Leaf == o.secret.Leaf {
			o.secret.OrderURL = known.OrderURL // it is not in the Secret
		}
	}
	o.see()
	info := o.info
	if o.secret.RenewalID != o.infoID {
		info = RenewalInfo{}
	}
	o.decision = o.runner.Rules.Decide(Entry{Ref: o.demand.Ref, Demand: o.demand, Secret: o.secret}, info, time.Now())
	if o.decision.Why == "" {
		return errSettled
	}
	if info.Start.IsZero() {
		o.decision.Replaces = "" // the CA may not have issued the certificate
	}
	return nil
}

// ordered journals the URL of the order, before it is finalized. Then it checks the Secret again:
// another run may have stored a certificate and deleted its journal since this one was read.
func (o *order) ordered(ctx context.Context, url string) error {
	if url == o.journal.Order {
		return nil
	}
	o.result.placed = true
	key := o.journal.Key
	err := o.saveJournal(ctx, func(j *Journal) error {
		same := j.Order == url && bytes.Equal(j.Key, key)
		if j.resumes(o.demand) && j.Order != o.abandoned && !same {
			return errOtherOrder
		}
		j.Demand, j.Order, j.Key = o.demand.Digest, url, key
		return nil
	})
	if err != nil {
		return err
	}
	return o.readSecret(ctx)
}

// saveJournal changes the journal. If it has changed since it was read, it is read and changed
// again.
func (o *order) saveJournal(ctx context.Context, change func(*Journal) error) error {
	for n := 0; ; n++ {
		j := o.journal
		if err := change(&j); err != nil {
			return err
		}
		saved, err := o.runner.Store.SaveJournal(ctx, o.demand, j)
		if err == nil {
			o.journal = saved
			o.see()
			return nil
		}
		if !errors.Is(err, ErrConflict) || n == maxConflicts {
			return err
		}
		if err := o.readJournal(ctx); err != nil {
			return err
		}
	}
}

// write stores a chain and its key, and updates the known state of the Secret.
func (o *order) write(ctx context.Context, chain []byte, note string) error {
	certs, err := pki.Parse(chain)
	if err != nil {
		return AsFailure(ReasonChain, err)
	}
	p := Pair{Cert: chain, Key: o.journal.Key, Annotations: describe(o.demand, certs[0], note)}
	version, err := o.runner.Store.Save(ctx, o.demand, p, o.secret.Version)
	if err != nil {
		return AsFailure(ReasonStore, err)
	}
	request := o.secret.RenewRequest
	o.secret = Examine(Secret{Type: tlsType, Annotations: p.Annotations, Cert: p.Cert, Key: p.Key, Version: version})
	o.secret.RenewRequest = request // it is not ours to remove
	o.see()
	return nil
}
