package responder

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// publicNameServers are asked only to explain a failed self-check: Cloudflare's and Google's.
var publicNameServers = []string{"1.1.1.1:53", "8.8.8.8:53", "[2606:4700:4700::1111]:53"}

// lookupTimeout is the timeout of one lookup to explain a failure.
const lookupTimeout = 2 * time.Second

// resolverOf returns a resolver that asks the given name servers in turn.
func resolverOf(nameServers []string) *net.Resolver {
	var turn atomic.Uint32
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		server := nameServers[int(turn.Add(1)-1)%len(nameServers)]
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
}

// Explain adds to the error of a failed check that split DNS is the likely cause, if it is: the
// resolvers of this machine know no address of a host, or a private one, and a public name server
// another one. It returns other errors unchanged. Checks with given name servers need no
// explanation, and with a proxy it is the proxy that resolves.
func (c *Checker) Explain(ctx context.Context, host string, err error) error {
	if len(c.nameServers) > 0 || net.ParseIP(host) != nil || c.isProxied(host) {
		return err
	}
	here := lookup(ctx, c.local, host)
	if len(here) > 0 && !slices.ContainsFunc(here, isPrivate) {
		return err
	}
	for _, server := range c.public {
		there := lookup(ctx, resolverOf([]string{server}), host+".")
		if len(there) == 0 {
			continue
		}
		if slices.Equal(here, there) || slices.ContainsFunc(there, isPrivate) {
			return err
		}
		return fmt.Errorf("%w; split DNS is the likely cause: %s resolves to %s here, and to %s at name server %s; use that one for the self-check: --acme-http01-solver-nameservers %s",
			err, host, texts(here), texts(there), server, server)
	}
	return err
}

func (c *Checker) isProxied(host string) bool {
	if c.proxy == nil {
		return false
	}
	proxy, err := c.proxy(&http.Request{URL: &url.URL{Scheme: "http", Host: host}})
	return proxy != nil || err != nil
}

// lookup returns the addresses of a host, sorted; nil if there are none.
func lookup(ctx context.Context, r *net.Resolver, host string) []netip.Addr {
	ctx, stop := context.WithTimeout(ctx, lookupTimeout)
	defer stop()
	found, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	slices.SortFunc(found, netip.Addr.Compare)
	return found
}

// sharedAddresses are those of carriers' networks (RFC 6598).
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// isPrivate reports whether an address is not reachable from the internet.
func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || sharedAddresses.Contains(a)
}

func texts(addresses []netip.Addr) string {
	if len(addresses) == 0 {
		return "no address"
	}
	var list []string
	for _, a := range addresses {
		list = append(list, a.String())
	}
	return strings.Join(list, ", ")
}
