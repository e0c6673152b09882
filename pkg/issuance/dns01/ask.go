package dns01

import (
	"context"
	"errors"
	"net"
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
