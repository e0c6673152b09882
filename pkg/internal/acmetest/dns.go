package acmetest

import (
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// startDNS starts a DNS server that ends with the test, and returns its address.
// Pebble sends its queries by TCP.
func startDNS(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(resolve), NotifyStartedFunc: func() { close(started) }}
	go func() { _ = server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}

func resolve(w dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg).SetReply(query)
	for _, q := range query.Question {
		switch {
		case strings.HasPrefix(q.Name, "missing."):
			answer.Rcode = dns.RcodeNameError
		case q.Qtype == dns.TypeA:
			answer.Answer = append(answer.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(127, 0, 0, 1),
			})
		}
	}
	_ = w.WriteMsg(answer)
}
