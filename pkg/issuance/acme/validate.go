package acme

import (
	"context"
	"slices"
	"time"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// validate validates the names of a pending order.
func (t *attempt) validate(ctx context.Context) error {
	all, err := t.account.authzs(ctx, t.order.Authorizations)
	if err != nil {
		return err
	}
	t.cleanDecided(ctx, all)
	tasks, err := t.tasks(all)
	if err != nil {
		return err
	}
	if len(tasks) > 0 {
		answers := groups(tasks)
		defer t.cleanUp(ctx, answers)
		if err := t.present(ctx, answers); err != nil {
			return err
		}
		t.progress(issuance.Validating)
		if err := t.accept(ctx, tasks); err != nil {
			return err
		}
	}
	return t.await(ctx, "has been validating", acme.StatusPending)
}

// tasks returns the names that are still to be validated.
func (t *attempt) tasks(all []authz) ([]task, error) {
	var tasks []task
	for _, z := range all {
		if z.Status != acme.StatusPending {
			continue
		}
		one, err := t.task(z)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, one)
	}
	return tasks, nil
}

// present calls all Solvers concurrently.
func (t *attempt) present(ctx context.Context, answers []group) error {
	t.progress(issuance.Presenting)
	g, presenting := errgroup.WithContext(ctx)
	for _, one := range answers {
		g.Go(panics.Guard(func() error { return one.present(presenting) }))
	}
	if err := g.Wait(); ctx.Err() == nil {
		return err
	}
	return ctx.Err()
}

func (g group) present(ctx context.Context) error {
	err := g.solver.Present(ctx, g.challenges)
	if err == nil {
		return nil
	}
	f := *issuance.AsFailure(issuance.ReasonChallenge, err)
	if f.Name == "" && len(g.challenges) == 1 {
		f.Name = g.challenges[0].Name
	}
	return &f
}

// cleanTime is the maximum duration of a cleanup, also after the context has ended.
const cleanTime = 30 * time.Second

// cleanUp removes answers to challenges while the order continues.
func (t *attempt) cleanUp(ctx context.Context, all []group) {
	for _, g := range all {
		t.cleaning.Go(func() {
			ctx, stop := shutdown.Finish(ctx, cleanTime)
			defer stop()
			ctx, stopTimer := context.WithTimeout(ctx, cleanTime)
			defer stopTimer()
			clean := panics.Guard(func() error { return g.solver.CleanUp(ctx, g.challenges) })
			if err := clean(); err != nil {
				t.account.config.Log.Warn("could not remove the answers to challenges", "order", t.url, "error", err)
			}
		})
	}
}

// cleanDecided removes what an interrupted process may have left for names that the CA has
// validated since.
func (t *attempt) cleanDecided(ctx context.Context, all []authz) {
	if !t.resumed {
		return
	}
	var tasks []task
	for _, z := range all {
		if z.Status == acme.StatusPending {
			continue
		}
		if one, err := t.task(z); err == nil {
			tasks = append(tasks, one)
		}
	}
	t.cleanUp(ctx, groups(tasks))
}

// cleanAll is cleanDecided for an order whose names are validated, while the order continues.
func (t *attempt) cleanAll() {
	urls := t.order.Authorizations
	t.cleaning.Go(func() {
		if all, err := t.account.authzs(t.caller, urls); err == nil {
			t.cleanDecided(t.caller, all)
		}
	})
}

// accept asks the CA to validate all names at once.
func (t *attempt) accept(ctx context.Context, tasks []task) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(authzTurns)
	for _, one := range tasks {
		if !slices.Contains(decided, one.challenge.Status) {
			g.Go(panics.Guard(func() error { return t.acceptOne(ctx, one) }))
		}
	}
	return g.Wait()
}

// decided are the states of a challenge that the CA validates or has validated.
var decided = []string{acme.StatusProcessing, acme.StatusValid, acme.StatusInvalid}

// acceptOne asks the CA to validate one name. If an earlier request may have been processed, it
// reads the challenge first: servers reject a second request. A rejection may also mean that
// the challenge is already processed.
func (t *attempt) acceptOne(ctx context.Context, one task) error {
	return t.account.failure(asOrder, t.account.retry(ctx, t.account.config.Unavailable, func(maybeDone bool) error {
		if maybeDone && t.isDecided(ctx, one) {
			return nil
		}
		_, err := t.account.do(ctx, func(core *api.Core) error {
			_, err := core.Challenges.New(one.challenge.URL)
			return err
		})
		if _, passes := temporaryErrorOf(err); err != nil && !passes && t.isDecided(ctx, one) {
			return nil
		}
		return err
	}))
}

// isDecided reports whether the CA validates or has validated a name.
func (t *attempt) isDecided(ctx context.Context, one task) bool {
	z, err := t.account.lookAtAuthz(ctx, one.authz.url)
	if err != nil {
		return false
	}
	ch, ok := z.challenge(one.challenge.Type)
	return z.Status != acme.StatusPending || ok && slices.Contains(decided, ch.Status)
}
