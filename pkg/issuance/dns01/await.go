package dns01

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// watch is how to wait until records are seen.
type watch struct {
	dns      *resolver
	only     bool          // ask resolvers only
	timeout  time.Duration // for all
	interval time.Duration // the longest
}

// unseen says that a name was not seen to have its values in time, and what
// was last seen of it.
type unseen struct {
	name  string
	sight []sight
	after time.Duration
	err   error // why nobody could be asked
}

func (u *unseen) Error() string {
	if u.err != nil {
		return fmt.Sprintf("not seen after %s: %v", u.after, u.err)
	}
	var told []string
	for _, s := range u.sight {
		told = append(told, s.tell(u.name))
	}
	return fmt.Sprintf("not seen after %s: %s", u.after, strings.Join(told, "; "))
}

// first is when to look first. Whoever asks a resolver too early has to wait
// until it forgets that there was nothing.
func (w watch) first() time.Duration {
	if w.only {
		return min(w.interval, 2*time.Second)
	}
	return min(w.interval, 100*time.Millisecond)
}

// until returns when all values are seen at a name, or an *unseen, or the
// context's error.
func (w watch) until(ctx context.Context, name string, values []string) error {
	began, zone := time.Now(), ""
	last := &unseen{name: name}
	for wait, looks := w.first(), 1; ; wait, looks = min(2*wait, w.interval), looks+1 {
		if left := w.timeout - time.Since(began); left < wait {
			wait = max(left, 0)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		last.sight, last.err = w.look(ctx, name, &zone)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if last.err == nil && proved(last.sight, values, looks) {
			return nil
		}
		if last.after = time.Since(began); last.after >= w.timeout {
			last.after = last.after.Round(time.Second)
			return last
		}
	}
}

// look looks once, and finds out the zone only once.
func (w watch) look(ctx context.Context, name string, zone *string) (_ []sight, err error) {
	if w.only {
		return w.dns.lookRecursive(ctx, name), nil
	}
	if *zone == "" {
		if *zone, err = w.dns.zone(ctx, name); err != nil {
			return nil, err
		}
	}
	return w.dns.lookIn(ctx, *zone, name)
}

// proved judges what was seen: somebody has all values, and nobody who answers
// lacks one. Servers that do not answer are given a second chance before they
// do not count: the CA asks another one then, as resolvers do.
func proved(seen []sight, values []string, looks int) bool {
	has := func(s sight) bool { return s.has(values) }
	lacks := func(s sight) bool { return !s.unable && !s.has(values) }
	unable := func(s sight) bool { return s.unable }
	return slices.ContainsFunc(seen, has) && !slices.ContainsFunc(seen, lacks) &&
		(looks > 1 || !slices.ContainsFunc(seen, unable))
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
