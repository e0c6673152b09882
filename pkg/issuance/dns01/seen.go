package dns01

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// sight is what one server says of one name.
type sight struct {
	server string
	texts  []string // TXT records, each in one piece
	// said is the answer in words, where it is not records.
	said string
	// unable says that the server did not answer, or cannot: it is no witness.
	unable bool
}

func (s sight) has(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(s.texts, v) })
}

// String tells what the server said of a name.
func (s sight) tell(name string) string {
	if len(s.texts) > 0 {
		return fmt.Sprintf("%s: only %q for %s", s.server, s.texts, plain(name))
	}
	return fmt.Sprintf("%s: %s for %s", s.server, s.said, plain(name))
}

// see asks one server, at the first of its addresses that answers.
func see(ctx context.Context, s server, name string, recursive bool) sight {
	seen := sight{server: s.name, said: "no address", unable: true}
	for _, a := range s.addresses {
		m, err := ask(ctx, a, name, dns.TypeTXT, recursive)
		if err == nil {
			return judge(s.name, name, m)
		}
		seen.said = err.Error()
	}
	return seen
}

func judge(server, name string, m *dns.Msg) sight {
	seen := sight{server: server, said: "no TXT record"}
	for _, rr := range m.Answer {
		if txt, ok := rr.(*dns.TXT); ok {
			seen.texts = append(seen.texts, strings.Join(txt.Txt, ""))
		}
	}
	switch {
	case m.Rcode != dns.RcodeSuccess:
		seen.said = dns.RcodeToString[m.Rcode]
		seen.unable = m.Rcode != dns.RcodeNameError
	case len(seen.texts) == 0 && aliasOf(m.Answer, name) != "":
		seen.said = "a CNAME to " + plain(aliasOf(m.Answer, name))
	case len(m.Answer) == 0 && !m.Authoritative && !m.RecursionAvailable:
		seen.said, seen.unable = "a referral", true // it does not have the zone
	}
	return seen
}

// look asks all who should know: each name server of the zone, or with only
// set, and where none of those can be asked from here, each resolver.
func (r *resolver) look(ctx context.Context, name string, only bool) ([]sight, error) {
	if only {
		return r.lookRecursive(ctx, name), nil
	}
	zone, err := r.zone(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.lookIn(ctx, zone, name)
}

// lookIn is look where the zone is known.
func (r *resolver) lookIn(ctx context.Context, zone, name string) ([]sight, error) {
	servers, err := r.servers(ctx, zone)
	if err != nil {
		return nil, err
	}
	seen := make([]sight, len(servers))
	concurrently(len(servers), 8, func(i int) error { seen[i] = see(ctx, servers[i], name, false); return nil })
	if !slices.ContainsFunc(seen, func(s sight) bool { return !s.unable }) {
		seen = append(seen, r.lookRecursive(ctx, name)...)
	}
	return seen, nil
}

func (r *resolver) lookRecursive(ctx context.Context, name string) []sight {
	seen := make([]sight, len(r.recursive))
	concurrently(len(seen), 8, func(i int) error {
		seen[i] = see(ctx, server{"resolver " + r.recursive[i], r.recursive[i : i+1]}, name, true)
		return nil
	})
	return seen
}

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
