package dns01

import (
	"context"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Prove writes the records of all challenges, and returns when they are seen.
func (p *prover) Prove(ctx context.Context, challenges []issuance.Challenge) error {
	states, problems := p.states(ctx, challenges)
	if len(problems) == 0 {
		problems = p.each(ctx, states, p.put)
	}
	if len(problems) == 0 {
		problems = p.await(ctx, states)
	}
	return p.failure(ctx, problems)
}

// Clean takes the records of all challenges away.
func (p *prover) Clean(ctx context.Context, challenges []issuance.Challenge) error {
	states, problems := p.states(ctx, challenges)
	return p.failure(ctx, append(problems, p.each(ctx, states, p.take)...))
}

func (p *prover) failure(ctx context.Context, problems []problem) error {
	if len(problems) > 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	return failure(problems, p.secret)
}

// each does something with all records, several at once where the host allows.
func (p *prover) each(ctx context.Context, states []*state, do func(context.Context, *state) error) (problems []problem) {
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

// await waits until all records are seen.
func (p *prover) await(ctx context.Context, states []*state) (problems []problem) {
	if p.o.WaitInstead != nil {
		if err := sleep(ctx, *p.o.WaitInstead); err != nil {
			return []problem{{err: err}}
		}
		return nil
	}
	values := map[string][]string{}
	var names []*state // one for each name
	for _, s := range states {
		if values[s.seen] == nil {
			names = append(names, s)
		}
		values[s.seen] = append(values[s.seen], s.value)
	}
	w := watch{dns: p.dns, only: p.o.ResolversOnly, timeout: p.patience(), interval: p.o.interval()}
	errs := concurrently(len(names), len(names)+1, func(i int) error {
		s := names[i]
		if err := w.until(ctx, s.seen, values[s.seen]); err != nil {
			if p.single && len(values[s.seen]) > 1 {
				err = fmt.Errorf("%w; %s may keep only one value at a name: put %s and *.%s into two certificates", err, p.name, s.name, s.name)
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
