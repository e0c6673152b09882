package issuance

import (
	"cmp"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// cluster is the Store of one actor.
type cluster struct {
	*world
	actor string
}

func (c cluster) Secret(context.Context, Ref) (s Secret, found bool, err error) {
	err = c.step(c.actor, "read Secret", func() string {
		if c.secret != nil {
			s, found = *c.secret, true
		}
		return s.Version
	})
	return s, found, err
}

func (c cluster) Journal(context.Context, Ref) (j Journal, err error) {
	err = c.step(c.actor, "read journal", func() string {
		if c.journal != nil {
			j = *c.journal
		}
		return j.Version
	})
	return j, err
}

func (c cluster) Save(_ context.Context, _ *Demand, p Pair, version string) (saved string, err error) {
	ended := c.step(c.actor, "write Secret", func() string {
		s := Secret{}
		if c.secret != nil {
			s = *c.secret
		}
		if s.Version != version {
			err = ErrConflict
			return "conflict"
		}
		request := s.Annotations[v1alpha1.RenewAnnotation]
		s = annotated(Secret{Type: tlsType, Cert: p.Cert, Key: p.Key, Annotations: p.Annotations, Manager: "kubectl-certs"}, v1alpha1.RenewAnnotation, request)
		if !c.needed {
			c.wrongf("%s stores a certificate that is not needed", c.actor)
		}
		c.stored++
		c.needed = false
		c.setSecret(&s)
		saved = s.Version
		return saved
	})
	return saved, cmp.Or(ended, err)
}

func (c cluster) SaveJournal(_ context.Context, _ *Demand, j Journal) (Journal, error) {
	var err error
	ended := c.step(c.actor, "write journal", func() string {
		is := Journal{}
		if c.journal != nil {
			is = *c.journal
		}
		if is.Version != j.Version {
			err = ErrConflict
			return "conflict"
		}
		c.setJournal(&j)
		return j.Version
	})
	return j, cmp.Or(ended, err)
}

func (c cluster) DeleteJournal(_ context.Context, _ Ref, version string) error {
	return c.step(c.actor, "delete journal", func() string {
		if c.journal == nil || c.journal.Version != version {
			return "conflict"
		}
		c.setJournal(nil)
		return ""
	})
}

func (c cluster) Annotate(_ context.Context, _ Ref, request string) (found bool, err error) {
	err = c.step(c.actor, "annotate Secret", func() string {
		if c.secret == nil {
			return "not found"
		}
		found, c.needed = true, true
		c.setSecret(new(annotated(*c.secret, v1alpha1.RenewAnnotation, request)))
		return c.secret.Version
	})
	return found, err
}

func (c cluster) EndDelay(context.Context, Ref) (found bool, err error) {
	err = c.step(c.actor, "annotate journal", func() string {
		if c.journal == nil {
			return "not found"
		}
		found = true
		j := *c.journal
		j.Failures, j.RetryAt = 0, time.Time{}
		c.setJournal(&j)
		return j.Version
	})
	return found, err
}

// setSecret stores a Secret, nil for none, with a new version.
func (w *world) setSecret(s *Secret) {
	w.writes++
	if w.secret = s; s == nil {
		w.watchedSecrets = append(w.watchedSecrets, Secret{})
		return
	}
	s.Version = fmt.Sprint("s", w.writes)
	w.watchedSecrets = append(w.watchedSecrets, *s)
}

func (w *world) setJournal(j *Journal) {
	w.journals++
	if w.journal = j; j == nil {
		w.watchedJournals = append(w.watchedJournals, Journal{})
		return
	}
	j.Version = fmt.Sprint("j", w.journals)
	w.watchedJournals = append(w.watchedJournals, *j)
}

// authority is the CA of one actor. Orders and answers are those of all.
type authority struct{ cluster }

func (a authority) Thumbprint() string { return "" }

func (a authority) RenewalInfo(context.Context, string) (RenewalInfo, error) {
	return RenewalInfo{}, ErrNoRenewalInfo
}

func (a authority) Issue(ctx context.Context, r Request) (Chain, error) {
	url := r.Order
	if url == "" {
		err := a.step(a.actor, "place order", func() string {
			a.orders = append(a.orders, "placed")
			url = fmt.Sprint(len(a.orders))
			return url
		})
		if err != nil {
			return Chain{}, err
		}
	}
	if err := r.Ordered(ctx, url); err != nil {
		return Chain{}, AsFailure(ReasonStore, err) // as acme.Account does
	}
	var failure error
	err := a.step(a.actor, "finalize order "+url, func() string {
		var number int
		fmt.Sscan(url, &number)
		state := &a.orders[number-1]
		if *state == "placed" {
			*state = "issued"
			if a.failures > 0 {
				a.failures--
				*state = "failed"
			} else {
				a.chains[url] = leafOf(a.ca.sign(r.CSR, r.Names, int64(number)))
			}
		}
		if *state == "failed" {
			failure = &Failure{Reason: ReasonValidation, Detail: "by the CA", Dead: true}
		}
		return *state
	})
	if err := cmp.Or(err, failure); err != nil {
		return Chain{}, err
	}
	return Chain{PEM: a.chains[url], Order: url}, nil
}

// runner returns the run of an actor. It fails only by the CA.
func (w *world) runner(actor string) *Runner {
	r := runner(authority{cluster{w, actor}}, cluster{w, actor})
	r.Report = func(e Event) {
		if f, ok := errors.AsType[*Failure](e.Err); e.Kind == Failed && (!ok || f.Reason != ReasonValidation) && !errors.Is(e.Err, errEnded) {
			w.wrongf("%s fails: %v", actor, e.Err)
		}
		if actor == "run" {
			w.decisions++
		}
	}
	return r
}

// leafOf returns the first certificate of a chain in PEM: checks of the others take time.
func leafOf(chain []byte) []byte {
	leaf, _ := pem.Decode(chain)
	return pem.EncodeToMemory(leaf)
}
