package dns01

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// resolver finds things in the DNS. It is safe for use by many.
type resolver struct {
	recursive []string // addresses
	port      string   // of other servers

	mu    sync.Mutex
	zones map[string]zoneServers
}

type zoneServers struct {
	servers []server
	until   time.Time
}

// server is a name server of a zone.
type server struct {
	name      string // without the last dot
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

// query asks the recursive servers, one after another, until one knows.
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
		problems = append(problems, fmt.Sprintf("resolver %s: %s", server, trouble(m, err)))
	}
	return nil, fmt.Errorf("look up %s %s: %s", plain(name), dns.TypeToString[qtype], strings.Join(problems, "; "))
}

func trouble(m *dns.Msg, err error) string {
	if err != nil {
		return err.Error()
	}
	return dns.RcodeToString[m.Rcode]
}

// plain is a name as people write it.
func plain(name string) string { return strings.TrimSuffix(name, ".") }

// follow returns the name at the end of a chain of CNAMEs, and the names that
// lead there, beginning with the one asked for.
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

// aliasOf is the target of a CNAME of a name among records, "" if there is none.
func aliasOf(records []dns.RR, name string) string {
	for _, rr := range records {
		if alias, ok := rr.(*dns.CNAME); ok && dns.CanonicalName(rr.Header().Name) == dns.CanonicalName(name) {
			return dns.CanonicalName(alias.Target)
		}
	}
	return ""
}
