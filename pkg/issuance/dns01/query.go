package dns01

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Timeout of one attempt, and the size of UDP answers that arrive unfragmented (DNS flag day
// 2020).
const (
	tryTimeout = 2 * time.Second
	udpSize    = 1232
)

// sockets limits the open sockets: thousands of waiting orders would exceed the process's
// limit.
var sockets = make(chan struct{}, 200)

// ask sends one query to one server: by UDP, then by TCP if there is no answer or it is
// truncated.
func ask(ctx context.Context, server, name string, qtype uint16, recursive bool) (*dns.Msg, error) {
	m := new(dns.Msg).SetQuestion(name, qtype)
	m.RecursionDesired = recursive
	m.SetEdns0(udpSize, false)
	r, err := exchange(ctx, &dns.Client{Net: "udp", Timeout: tryTimeout, UDPSize: udpSize}, m, server)
	if ctx.Err() == nil && (err != nil || r.Truncated) {
		r, err = exchange(ctx, &dns.Client{Net: "tcp", Timeout: tryTimeout}, m, server)
	}
	return r, err
}

// exchange sends a query. Unlike the client's own method it stops when the context ends.
func exchange(ctx context.Context, client *dns.Client, m *dns.Msg, server string) (*dns.Msg, error) {
	select {
	case sockets <- struct{}{}:
		defer func() { <-sockets }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := client.DialContext(ctx, server)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r, _, err := client.ExchangeWithConnContext(ctx, m, conn)
	return r, ended(ctx, err)
}

// ended returns the context's error if it has ended, otherwise err without its wrapping.
func ended(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("no answer")
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err // the caller reports the address
	}
	return err
}

// Address completes the address of a name server: host, host:port, [IPv6] or [IPv6]:port, the forms
// that cert-manager accepts, and a bare IPv6 address.
func Address(s string) (string, error) {
	bare := s
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		bare = s[1 : len(s)-1]
	}
	if ip, err := netip.ParseAddr(bare); err == nil {
		return net.JoinHostPort(ip.String(), "53"), nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil && !strings.Contains(s, ":") {
		host, port, err = s, "53", nil
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
		return "", fmt.Errorf("invalid address %q: use host or host:port, with IPv6 in brackets", s)
	}
	return net.JoinHostPort(host, port), nil
}

// resolvers returns the addresses of the recursive servers.
func resolvers(given []string) ([]string, error) {
	if len(given) == 0 {
		config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
		if os.IsNotExist(err) {
			return nil, fmt.Errorf("resolvers: none given, and this machine has no /etc/resolv.conf")
		}
		if err != nil {
			return nil, fmt.Errorf("resolvers: %w", err)
		}
		given = config.Servers
	}
	var found []string
	for _, s := range given {
		a, err := Address(s)
		if err != nil {
			return nil, fmt.Errorf("resolvers: %w", err)
		}
		found = append(found, a)
	}
	return found, nil
}
