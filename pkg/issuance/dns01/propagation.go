package dns01

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// reply is the answer of one server for one name.
type reply struct {
	server string
	texts  []string // TXT records, each joined into one string
	// message describes an answer without records.
	message string
	// noAnswer is set if the server did not or cannot answer; its answer does not count.
	noAnswer bool
}

func (s reply) has(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(s.texts, v) })
}

// describe describes the server's answer for a name.
func (s reply) describe(name string) string {
	if len(s.texts) > 0 {
		return fmt.Sprintf("%s: only %q for %s", s.server, s.texts, plain(name))
	}
	return fmt.Sprintf("%s: %s for %s", s.server, s.message, plain(name))
}

// queryTXT queries one server, at the first of its addresses that answers.
func queryTXT(ctx context.Context, s server, name string, recursive bool) reply {
	seen := reply{server: s.name, message: "no address", noAnswer: true}
	for _, a := range s.addresses {
		m, err := ask(ctx, a, name, dns.TypeTXT, recursive)
		if err == nil {
			return parseReply(s.name, name, m)
		}
		seen.message = err.Error()
	}
	return seen
}

func parseReply(server, name string, m *dns.Msg) reply {
	seen := reply{server: server, message: "no TXT record"}
	for _, rr := range m.Answer {
		if txt, ok := rr.(*dns.TXT); ok {
			seen.texts = append(seen.texts, strings.Join(txt.Txt, ""))
		}
	}
	switch {
	case m.Rcode != dns.RcodeSuccess:
		seen.message = dns.RcodeToString[m.Rcode]
		seen.noAnswer = m.Rcode != dns.RcodeNameError
	case len(seen.texts) == 0 && aliasOf(m.Answer, name) != "":
		seen.message = "a CNAME to " + plain(aliasOf(m.Answer, name))
	case len(m.Answer) == 0 && !m.Authoritative && !m.RecursionAvailable:
		seen.message, seen.noAnswer = "a referral", true // the server does not have the zone
	}
	return seen
}

// look queries each name server of the zone. With only set, or if none of them can be reached,
// it queries each resolver.
func (r *resolver) look(ctx context.Context, name string, only bool) ([]reply, error) {
	if only {
		return r.lookRecursive(ctx, name), nil
	}
	zone, err := r.zone(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.lookIn(ctx, zone, name)
}

// lookIn is look for a known zone.
func (r *resolver) lookIn(ctx context.Context, zone, name string) ([]reply, error) {
	servers, err := r.servers(ctx, zone)
	if err != nil {
		return nil, err
	}
	seen := make([]reply, len(servers))
	concurrently(len(servers), 8, func(i int) error { seen[i] = queryTXT(ctx, servers[i], name, false); return nil })
	if !slices.ContainsFunc(seen, func(s reply) bool { return !s.noAnswer }) {
		seen = append(seen, r.lookRecursive(ctx, name)...)
	}
	return seen, nil
}

func (r *resolver) lookRecursive(ctx context.Context, name string) []reply {
	seen := make([]reply, len(r.recursive))
	concurrently(len(seen), 8, func(i int) error {
		seen[i] = queryTXT(ctx, server{"resolver " + r.recursive[i], r.recursive[i : i+1]}, name, true)
		return nil
	})
	return seen
}

// poller polls until records are propagated.
type poller struct {
	dns      *resolver
	only     bool          // query resolvers only
	timeout  time.Duration // in total
	interval time.Duration // the longest between two polls
}

// notPropagated is the error of a name whose values did not propagate in time, with the last answers.
type notPropagated struct {
	name  string
	reply []reply
	after time.Duration
	err   error // why no server could be queried
}

func (u *notPropagated) Error() string {
	if u.err != nil {
		return fmt.Sprintf("not propagated after %s: %v", u.after, u.err)
	}
	var texts []string
	for _, s := range u.reply {
		texts = append(texts, s.describe(u.name))
	}
	return fmt.Sprintf("not propagated after %s: %s", u.after, strings.Join(texts, "; "))
}

// first is the delay of the first poll. A resolver that is queried too early caches that the
// record does not exist.
func (w poller) first() time.Duration {
	if w.only {
		return min(w.interval, 2*time.Second)
	}
	return min(w.interval, 100*time.Millisecond)
}

// until returns nil when a name has all values, or a *notPropagated, or the context's error.
func (w poller) until(ctx context.Context, name string, values []string) error {
	began, zone := time.Now(), ""
	last := &notPropagated{name: name}
	for wait, looks := w.first(), 1; ; wait, looks = min(2*wait, w.interval), looks+1 {
		if left := w.timeout - time.Since(began); left < wait {
			wait = max(left, 0)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		last.reply, last.err = w.look(ctx, name, &zone)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if last.err == nil && propagated(last.reply, values, looks) {
			return nil
		}
		if last.after = time.Since(began); last.after >= w.timeout {
			last.after = last.after.Round(time.Second)
			return last
		}
	}
}

// look polls once. It looks up the zone only the first time.
func (w poller) look(ctx context.Context, name string, zone *string) (_ []reply, err error) {
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

// propagated reports whether records are propagated: at least one server has all values, and no
// server that answers lacks one. Servers that do not answer get a second chance and then do not
// count: the CA queries another one, as resolvers do.
func propagated(seen []reply, values []string, looks int) bool {
	has := func(s reply) bool { return s.has(values) }
	lacks := func(s reply) bool { return !s.noAnswer && !s.has(values) }
	noAnswer := func(s reply) bool { return s.noAnswer }
	return slices.ContainsFunc(seen, has) && !slices.ContainsFunc(seen, lacks) &&
		(looks > 1 || !slices.ContainsFunc(seen, noAnswer))
}
