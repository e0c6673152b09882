package dns01

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// change calls do with the lock of the record's name, so that no other order changes records at
// that name. It returns when the context or the provider's timeout ends, even if do has not
// returned: some libraries take no context. do then keeps the lock, so a cleanup waits for it.
func (p *dnsSolver) change(ctx context.Context, s *state, do func(context.Context) error) error {
	limited, stop := context.WithTimeoutCause(ctx, p.hostTimeout(), fmt.Errorf("no answer from %s after %s", p.name, p.hostTimeout()))
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

func (p *dnsSolver) lockOf(s *state) string {
	if p.serial {
		return p.name
	}
	return p.name + " " + s.fqdn
}

// put writes a record, unless this process has written it already.
func (p *dnsSolver) put(ctx context.Context, s *state) error {
	if s.put {
		return nil
	}
	err := p.present(ctx, &s.record)
	if err != nil && !p.isThere(ctx, s) { // written by an earlier, interrupted run
		return p.explain(ctx, s, fmt.Errorf("%s: %s", p.name, p.secret.brief(err)))
	}
	s.put = true
	return nil
}

// take deletes a record, including one that another process wrote.
func (p *dnsSolver) take(ctx context.Context, s *state) error {
	err := p.remove(ctx, &s.record)
	if err != nil && !p.isGone(ctx, s) {
		return fmt.Errorf("%s: TXT record %q of %s was not deleted: %s", p.name, s.value, plain(s.fqdn), p.secret.brief(err))
	}
	s.put = false
	p.forget(s)
	return nil
}

// isThere reports whether a server returns the record.
func (p *dnsSolver) isThere(ctx context.Context, s *state) bool {
	seen, err := p.dns.look(ctx, s.fqdn, p.o.ResolversOnly)
	return err == nil && slices.ContainsFunc(seen, func(one reply) bool { return one.has([]string{s.value}) })
}

// isGone reports whether at least one server answers and none returns the record.
func (p *dnsSolver) isGone(ctx context.Context, s *state) bool {
	seen, err := p.dns.look(ctx, s.fqdn, p.o.ResolversOnly)
	return err == nil && slices.ContainsFunc(seen, func(one reply) bool { return !one.noAnswer }) &&
		!slices.ContainsFunc(seen, func(one reply) bool { return one.has([]string{s.value}) })
}

// explain adds likely causes to an error.
func (p *dnsSolver) explain(ctx context.Context, s *state, err error) error {
	if ctx.Err() != nil {
		return err
	}
	texts := []string{err.Error()}
	if len(s.chain) > 0 {
		path := "the CA follows " + arrows(append(slices.Clone(s.chain), s.seen))
		if s.fqdn != s.seen {
			path += fmt.Sprintf(", but the solver wrote the record at %s: set cnameStrategy: Follow", plain(s.fqdn))
		}
		texts = append(texts, path)
	}
	if zone, unknown := s.zone(ctx); unknown == nil {
		if hint := p.otherHostHint(ctx, zone); hint != "" {
			texts = append(texts, hint)
		}
	}
	return fmt.Errorf("%s", strings.Join(texts, "; "))
}

// otherHostHint returns a hint if the zone's name servers look like those of another DNS provider than
// the solver's, else "".
func (p *dnsSolver) otherHostHint(ctx context.Context, zone string) string {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	known := slices.ContainsFunc(hostMarks, func(w marks) bool { return w.host == p.name })
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
		return fmt.Sprintf("the zone %s is served by %s, apparently not by name servers of %s: check that the credentials are for the right DNS provider", plain(zone), strings.Join(names, ", "), p.name)
	}
	return fmt.Sprintf("the zone %s is served by %s of %s, but the credentials are for %s", plain(zone), strings.Join(names, ", "), owner(servers), p.name)
}
