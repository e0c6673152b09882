package dns01

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

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

// elsewhere tells, where it can, that a zone is not served by the host that
// the records were sent to, "" if it is or nobody knows.
func (p *prover) elsewhere(ctx context.Context, zone string) string {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	known := slices.ContainsFunc(whose, func(w marks) bool { return w.host == p.name })
	servers, err := p.dns.servers(ctx, zone)
	if err != nil || !known {
		return ""
	}
	var names []string
	for _, s := range servers {
		names = append(names, s.name)
	}
	switch owner(servers) {
	case p.name:
		return ""
	case "":
		return fmt.Sprintf("the zone %s is served by %s, which do not look like %s's: are the credentials for another DNS host?", plain(zone), strings.Join(names, ", "), p.name)
	}
	return fmt.Sprintf("the zone %s is served by %s of %s, but the credentials are for %s", plain(zone), strings.Join(names, ", "), owner(servers), p.name)
}
