package dns01

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// resolver queries the DNS. It is safe for concurrent use.
type resolver struct {
	recursive []string // addresses
	port      string   // of authoritative servers

	mu    sync.Mutex
	zones map[string]zoneServers
}

type zoneServers struct {
	servers []server
	until   time.Time
}

// server is a name server of a zone.
type server struct {
	name      string // without the trailing dot
	addresses []string
}

func newResolver(o Options) (*resolver, error) {
	recursive, err := resolvers(o.Resolvers)
	if err != nil {
		return nil, err
	}
	port := "53"
	if o.Port != 0 {
		port = strconv.Itoa(int(o.Port))
	}
	return &resolver{recursive: recursive, port: port, zones: map[string]zoneServers{}}, nil
}

// query sends a query to the recursive servers in turn, until one answers.
func (r *resolver) query(ctx context.Context, name string, qtype uint16) (*dns.Msg, error) {
	var problems []string
	for _, server := range r.recursive {
		m, err := ask(ctx, server, name, qtype, true)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && (m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError) {
			return m, nil
		}
		problems = append(problems, fmt.Sprintf("resolver %s: %s", server, failureText(m, err)))
	}
	return nil, fmt.Errorf("look up %s %s: %s", plain(name), dns.TypeToString[qtype], strings.Join(problems, "; "))
}

func failureText(m *dns.Msg, err error) string {
	if err != nil {
		return err.Error()
	}
	return dns.RcodeToString[m.Rcode]
}

// plain removes the trailing dot.
func plain(name string) string { return strings.TrimSuffix(name, ".") }

// follow returns the name at the end of a chain of CNAMEs, and the names that lead to it,
// starting with the given one.
func (r *resolver) follow(ctx context.Context, name string) (end string, chain []string, err error) {
	const limit = 10
	for range limit {
		m, err := r.query(ctx, name, dns.TypeCNAME)
		if err != nil {
			return "", nil, err
		}
		target := aliasOf(m.Answer, name)
		if target == "" {
			return name, chain, nil
		}
		chain = append(chain, name)
		if slices.Contains(chain, target) {
			return "", nil, fmt.Errorf("%s: its CNAMEs form a loop: %s", plain(chain[0]), arrows(append(chain, target)))
		}
		name = target
	}
	return "", nil, fmt.Errorf("%s: more than %d CNAMEs: %s", plain(chain[0]), limit, arrows(chain))
}

func arrows(names []string) string {
	return strings.ReplaceAll(strings.Join(names, " → "), ". ", " ")
}

// aliasOf returns the target of a name's CNAME among records, "" if there is none.
func aliasOf(records []dns.RR, name string) string {
	for _, rr := range records {
		if alias, ok := rr.(*dns.CNAME); ok && dns.CanonicalName(rr.Header().Name) == dns.CanonicalName(name) {
			return dns.CanonicalName(alias.Target)
		}
	}
	return ""
}

// zone returns the zone that contains a name.
func (r *resolver) zone(ctx context.Context, name string) (string, error) {
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		m, err := r.query(ctx, name[off:], dns.TypeSOA)
		if err != nil {
			return "", err
		}
		if zone := apex(m, name[off:]); zone != "" {
			return zone, nil
		}
	}
	return "", fmt.Errorf("%s: no resolver returned an SOA record for its zone", plain(name))
}

// apex returns the zone of an answer to an SOA query, "" if it has none. For a name without an
// SOA record the zone's SOA is in the authority section.
func apex(m *dns.Msg, name string) string {
	if aliasOf(m.Answer, name) != "" {
		return "" // the rest belongs to the zone of the target
	}
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		owner := dns.CanonicalName(rr.Header().Name)
		if rr.Header().Rrtype == dns.TypeSOA && dns.IsSubDomain(owner, name) {
			return owner
		}
	}
	return ""
}

// servers returns the name servers of a zone, cached for a minute.
func (r *resolver) servers(ctx context.Context, zone string) ([]server, error) {
	r.mu.Lock()
	known := r.zones[zone]
	r.mu.Unlock()
	if time.Now().Before(known.until) {
		return known.servers, nil
	}
	found, err := r.findServers(ctx, zone)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.zones[zone] = zoneServers{found, time.Now().Add(time.Minute)}
	return found, nil
}

func (r *resolver) findServers(ctx context.Context, zone string) ([]server, error) {
	m, err := r.query(ctx, zone, dns.TypeNS)
	if err != nil {
		return nil, err
	}
	var found []server
	for _, rr := range m.Answer {
		if ns, ok := rr.(*dns.NS); ok {
			found = append(found, server{name: plain(dns.CanonicalName(ns.Ns))})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: the zone has no name servers", plain(zone))
	}
	slices.SortFunc(found, func(a, b server) int { return strings.Compare(a.name, b.name) })
	errs := concurrently(len(found), 8, func(i int) (err error) {
		found[i].addresses, err = r.addresses(ctx, found[i].name)
		return err
	})
	return found, errors.Join(errs...)
}

// addresses returns the addresses of a name server. Having none is not an error; the server
// then counts as not answering.
func (r *resolver) addresses(ctx context.Context, name string) ([]string, error) {
	var found []string
	for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		m, err := r.query(ctx, name+".", qtype)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		for _, rr := range m.Answer {
			switch rr := rr.(type) {
			case *dns.A:
				found = append(found, net.JoinHostPort(rr.A.String(), r.port))
			case *dns.AAAA:
				found = append(found, net.JoinHostPort(rr.AAAA.String(), r.port))
			}
		}
	}
	return found, nil
}
