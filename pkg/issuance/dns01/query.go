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

// How long one try may take, and how much an answer by UDP may hold: what gets
// through without fragments (DNS flag day 2020).
const (
	tryTimeout = 2 * time.Second
	udpSize    = 1232
)

// sockets are those that may be open at once. Thousands of orders that wait
// for records would need more than a process may have.
var sockets = make(chan struct{}, 200)

// ask asks one server one question: by UDP, and by TCP where the answer does
// not come or does not fit.
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

// exchange is that of the client, which alone would not stop when the context
// does.
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

// ended is the context's error where it has ended, and else the bare cause.
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
		return op.Err // without the address, which the caller tells
	}
	return err
}

// address completes host, host:port, [IPv6] or [IPv6]:port, as cert-manager
// takes them, and a bare IPv6 address too.
func address(s string) (string, error) {
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
		return "", fmt.Errorf("%q is neither host nor host:port (IPv6 in brackets)", s)
	}
	return net.JoinHostPort(host, port), nil
}

// resolvers completes the addresses of recursive servers.
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
		a, err := address(s)
		if err != nil {
			return nil, fmt.Errorf("resolvers: %w", err)
		}
		found = append(found, a)
	}
	return found, nil
}
