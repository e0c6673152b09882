package dns01

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

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

// change does something with one record while nobody else changes records at
// its name, and does not wait for it longer than the context and the host's
// timeout allow: a library may know no context. What goes on then still has the
// lock, so that whoever cleans up comes after it.
func (p *prover) change(ctx context.Context, s *state, do func(context.Context) error) error {
	limited, stop := context.WithTimeoutCause(ctx, p.patience(), fmt.Errorf("%s has not answered for %s", p.name, p.patience()))
	defer stop()
	release, err := changing.take(limited, p.lockOf(s))
	if err != nil {
		return context.Cause(limited)
	}
	done := make(chan error, 1)
	go func() {
		defer release()
		done <- panics.Guard(func() error { return do(limited) })()
	}()
	select {
	case err = <-done:
	case <-limited.Done():
		err = limited.Err()
	}
	if err != nil && limited.Err() != nil {
		return context.Cause(limited)
	}
	return err
}

func (p *prover) lockOf(s *state) string {
	if p.serial {
		return p.name
	}
	return p.name + " " + s.fqdn
}

// put writes a record, unless this process has.
func (p *prover) put(ctx context.Context, s *state) error {
	if s.put {
		return nil
	}
	err := p.present(ctx, &s.record)
	if err != nil && !p.isThere(ctx, s) { // as a run that was killed left it
		return p.explain(ctx, s, fmt.Errorf("%s: %s", p.name, p.secret.brief(err)))
	}
	s.put = true
	return nil
}

// take takes a record away, whoever wrote it.
func (p *prover) take(ctx context.Context, s *state) error {
	err := p.remove(ctx, &s.record)
	if err != nil && !p.isGone(ctx, s) {
		return fmt.Errorf("%s: the TXT record %q of %s is left there: %s", p.name, s.value, plain(s.fqdn), p.secret.brief(err))
	}
	s.put = false
	p.forget(s)
	return nil
}

// isThere tells that a server has a record already.
func (p *prover) isThere(ctx context.Context, s *state) bool {
	seen, err := p.dns.look(ctx, s.fqdn, p.o.ResolversOnly)
	return err == nil && slices.ContainsFunc(seen, func(one sight) bool { return one.has([]string{s.value}) })
}

// isGone tells that servers answer, and none has a record.
func (p *prover) isGone(ctx context.Context, s *state) bool {
	seen, err := p.dns.look(ctx, s.fqdn, p.o.ResolversOnly)
	return err == nil && slices.ContainsFunc(seen, func(one sight) bool { return !one.unable }) &&
		!slices.ContainsFunc(seen, func(one sight) bool { return one.has([]string{s.value}) })
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

// explain adds to an error what is known to lead to it.
func (p *prover) explain(ctx context.Context, s *state, err error) error {
	if ctx.Err() != nil {
		return err
	}
	told := []string{err.Error()}
	if len(s.chain) > 0 {
		path := "a CA follows " + arrows(append(slices.Clone(s.chain), s.seen))
		if s.fqdn != s.seen {
			path += fmt.Sprintf(", but the solver wrote at %s: set its cnameStrategy to Follow", plain(s.fqdn))
		}
		told = append(told, path)
	}
	if zone, unknown := s.zone(ctx); unknown == nil {
		if hint := p.elsewhere(ctx, zone); hint != "" {
			told = append(told, hint)
		}
	}
	return fmt.Errorf("%s", strings.Join(told, "; "))
}
