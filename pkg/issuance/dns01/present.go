package dns01

import (
	"context"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Present writes the records of all challenges and waits until they are propagated.
func (p *dnsSolver) Present(ctx context.Context, challenges []issuance.Challenge) error {
	states, problems := p.states(ctx, challenges)
	if len(problems) == 0 {
		problems = p.each(ctx, states, p.put)
	}
	if len(problems) == 0 {
		problems = p.await(ctx, states)
	}
	return p.failure(ctx, problems)
}

// CleanUp deletes the records of all challenges.
func (p *dnsSolver) CleanUp(ctx context.Context, challenges []issuance.Challenge) error {
	states, problems := p.states(ctx, challenges)
	return p.failure(ctx, append(problems, p.each(ctx, states, p.take)...))
}

func (p *dnsSolver) failure(ctx context.Context, problems []problem) error {
	if len(problems) > 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	return failure(problems, p.secret)
}

// each calls do for all records, several at a time if the provider allows it.
func (p *dnsSolver) each(ctx context.Context, states []*state, do func(context.Context, *state) error) (problems []problem) {
	atOnce := 8
	if p.serial {
		atOnce = 1
	}
	errs := concurrently(len(states), atOnce, func(i int) error {
		return p.change(ctx, states[i], func(ctx context.Context) error { return do(ctx, states[i]) })
	})
	for i, err := range errs {
		if err != nil {
			problems = append(problems, problem{states[i].name, err})
		}
	}
	return problems
}

// await waits until all records are propagated.
func (p *dnsSolver) await(ctx context.Context, states []*state) (problems []problem) {
	if p.o.WaitInstead != nil {
		if err := sleep(ctx, *p.o.WaitInstead); err != nil {
			return []problem{{err: err}}
		}
		return nil
	}
	values := map[string][]string{}
	var names []*state // one per name
	for _, s := range states {
		if values[s.seen] == nil {
			names = append(names, s)
		}
		values[s.seen] = append(values[s.seen], s.value)
	}
	w := poller{dns: p.dns, only: p.o.ResolversOnly, timeout: p.hostTimeout(), interval: p.o.interval()}
	errs := concurrently(len(names), len(names)+1, func(i int) error {
		s := names[i]
		if err := w.until(ctx, s.seen, values[s.seen]); err != nil {
			if p.single && len(values[s.seen]) > 1 {
				err = fmt.Errorf("%w; %s may keep only one value at a name: use separate certificates for %s and *.%s", err, p.name, s.name, s.name)
			}
			return p.explain(ctx, s, err)
		}
		return nil
	})
	for i, err := range errs {
		if err != nil {
			problems = append(problems, problem{names[i].name, err})
		}
	}
	return problems
}
