package dns01

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"

	"github.com/go-acme/lego/v4/challenge/dns01"
	legolog "github.com/go-acme/lego/v4/log"
	"github.com/miekg/dns"
)

// stage is what lego's providers see of the DNS. They ask for the name to write
// at, which is at the end of the CNAMEs of _acme-challenge.<domain>, and for the
// zone of that name, and know only one list of resolvers for the whole process.
// So they ask a name server of our own, on a loopback port, that says what was
// found out for the calls that are under way: with it each call writes where
// its solver says, whatever the others do. It knows nothing else and asks
// nobody.
type stage struct {
	once sync.Once
	err  error

	doors locks // by the name that lego asks about first

	mu    sync.Mutex
	calls []*call
}

// call is one call of a provider: where to write.
type call struct{ asked, fqdn, zone string }

// theStage is of the process, as lego's list of resolvers is.
var theStage stage

// enter begins a call for a domain, after those with the same domain and another
// name to write at.
func (s *stage) enter(ctx context.Context, domain, fqdn, zone string) (leave func(), err error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	c := &call{"_acme-challenge." + domain + ".", fqdn, zone}
	release, err := s.doors.take(ctx, c.asked)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	return func() {
		s.mu.Lock()
		s.calls = slices.DeleteFunc(s.calls, func(one *call) bool { return one == c })
		s.mu.Unlock()
		release()
	}, nil
}

// ready must be called before lego is.
func (s *stage) ready() error {
	s.once.Do(s.open)
	return s.err
}

// open starts the name server and lets lego know no other.
func (s *stage) open() {
	packets, stream, err := listenBoth()
	if err != nil {
		s.err = fmt.Errorf("start a name server for lego on a loopback address: %w", err)
		return
	}
	for _, server := range []*dns.Server{
		{PacketConn: packets, Handler: dns.HandlerFunc(s.handle)},
		{Listener: stream, Handler: dns.HandlerFunc(s.handle)}, // for LEGO_EXPERIMENTAL_DNS_TCP_ONLY
	} {
		go func() { _ = server.ActivateAndServe() }() // ends with the process
	}
	_ = dns01.AddRecursiveNameservers([]string{packets.LocalAddr().String()})(nil)
	legolog.Logger = log.New(io.Discard, "", 0) // stderr is not lego's
}

// listenBoth listens on one port by UDP and TCP. A port that is free for one
// may be taken for the other, so it tries a few.
func listenBoth() (packets net.PacketConn, stream net.Listener, err error) {
	for range 10 {
		for _, host := range []string{"127.0.0.1:0", "[::1]:0"} {
			if packets, err = net.ListenPacket("udp", host); err != nil {
				continue
			}
			if stream, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
				return packets, stream, nil
			}
			packets.Close()
		}
	}
	return nil, nil, err
}

func (s *stage) handle(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg).SetReply(r)
	if len(r.Question) == 1 {
		m.Answer = s.answer(r.Question[0])
	}
	_ = w.WriteMsg(m) // lego asks again
}

// answer is the CNAME to where to write, or the SOA of a zone. Lego keeps zones
// for the SOA's refresh time, which is 0.
func (s *stage) answer(q dns.Question) []dns.RR {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := dns.CanonicalName(q.Name)
	head := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET}
	for _, c := range s.calls {
		switch {
		case q.Qtype == dns.TypeCNAME && c.asked == name && c.fqdn != name:
			return []dns.RR{&dns.CNAME{Hdr: head, Target: c.fqdn}}
		case q.Qtype == dns.TypeSOA && c.zone == name:
			return []dns.RR{&dns.SOA{Hdr: head, Ns: "ns." + c.zone, Mbox: "hostmaster." + c.zone}}
		}
	}
	return nil
}
