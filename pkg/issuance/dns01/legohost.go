package dns01

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/challenge/dns01"
	legolog "github.com/go-acme/lego/v4/log"
	"github.com/miekg/dns"
)

// legoRecord converts a record for lego's providers.
func legoRecord(ctx context.Context, r *record) (Record, error) {
	zone, err := r.zone(ctx)
	if err != nil {
		return Record{}, err
	}
	domain := strings.TrimPrefix(plain(r.fqdn), "_acme-challenge.")
	return Record{Domain: domain, FQDN: r.fqdn, Zone: zone, Token: r.token, KeyAuth: r.keyAuth}, nil
}

// namedHost is a DNS provider that was created by name.
type namedHost struct{ provider Provider }

// byName returns a backend with cautious defaults: one change at a time.
func byName(name string, p Provider) backend {
	traits := p.Traits()
	return backend{
		host: &namedHost{p}, name: cmp.Or(knownByLego[name], name),
		serial: true, single: traits.Sequential, timeout: traits.Timeout,
	}
}

func (h *namedHost) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.Present)
}

func (h *namedHost) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.CleanUp)
}

func (h *namedHost) call(ctx context.Context, r *record, do func(context.Context, Record) error) error {
	input, err := legoRecord(ctx, r)
	if err != nil {
		return err
	}
	return do(ctx, input)
}

// legoHost is a lego DNS provider in this process, for solvers whose lego provider can be
// configured without environment variables. It takes no context: solver.change does not wait
// for it.
type legoHost struct{ provider challenge.Provider }

func (h *legoHost) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.Present)
}

func (h *legoHost) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.CleanUp)
}

func (h *legoHost) call(ctx context.Context, r *record, do func(domain, token, keyAuth string) error) error {
	input, err := legoRecord(ctx, r)
	if err != nil {
		return err
	}
	return CallLego(ctx, input, do)
}

// PrepareLego sets lego's process-wide list of resolvers to a name server on a loopback port
// that serves CallLego. Call it before any other use of lego.
func PrepareLego() error { return legoServer.start() }

// CallLego calls a lego provider so that it writes at the record's FQDN. Lego computes that
// name from the domain and follows CNAMEs.
func CallLego(ctx context.Context, r Record, do func(domain, token, keyAuth string) error) error {
	leave, err := legoServer.register(ctx, r.Domain, r.FQDN, r.Zone)
	if err != nil {
		return err
	}
	defer leave()
	if got := dns01.GetChallengeInfo(r.Domain, r.KeyAuth).EffectiveFQDN; got != r.FQDN {
		return fmt.Errorf("lego would write at %s, not at %s: unset LEGO_DISABLE_CNAME_SUPPORT if it is set", got, r.FQDN)
	}
	if got, err := dns01.FindZoneByFqdn(r.FQDN); err != nil || got != r.Zone {
		return errors.Join(fmt.Errorf("lego uses zone %s, not %s", got, r.Zone), err)
	}
	return do(r.Domain, r.Token, r.KeyAuth)
}

// loopbackServer is the name server that lego's providers query. They look up the name to write at,
// which is the target of the CNAMEs of _acme-challenge.<domain>, and the zone of that name, and
// they share one list of resolvers per process. This server listens on a loopback port and
// answers from the calls in progress, so each call writes where its solver requires. It has no
// other data and forwards no queries.
type loopbackServer struct {
	once sync.Once
	err  error

	doors locks // by the name that lego queries first

	mu    sync.Mutex
	calls []*call
}

// call is one call of a provider and where it writes.
type call struct{ queried, fqdn, zone string }

// legoServer is one per process, like lego's list of resolvers.
var legoServer loopbackServer

// register registers a call. It waits for calls with the same domain, which may write at another
// name.
func (s *loopbackServer) register(ctx context.Context, domain, fqdn, zone string) (leave func(), err error) {
	if err := s.start(); err != nil {
		return nil, err
	}
	c := &call{"_acme-challenge." + domain + ".", fqdn, zone}
	release, err := s.doors.take(ctx, c.queried)
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

// start starts the server once. Call it before lego.
func (s *loopbackServer) start() error {
	s.once.Do(s.open)
	return s.err
}

// open starts the name server and makes it lego's only resolver.
func (s *loopbackServer) open() {
	packets, stream, err := listenBoth()
	if err != nil {
		s.err = fmt.Errorf("start a name server for lego on a loopback address: %w", err)
		return
	}
	for _, server := range []*dns.Server{
		{PacketConn: packets, Handler: dns.HandlerFunc(s.handle)},
		{Listener: stream, Handler: dns.HandlerFunc(s.handle)}, // for LEGO_EXPERIMENTAL_DNS_TCP_ONLY
	} {
		go func() { _ = server.ActivateAndServe() }() // until the process ends
	}
	_ = dns01.AddRecursiveNameservers([]string{packets.LocalAddr().String()})(nil)
	legolog.Logger = log.New(io.Discard, "", 0) // lego must not write to stderr
}

// listenBoth listens on one port by UDP and TCP. A port that is free for UDP may be in use for
// TCP, so it tries several.
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

func (s *loopbackServer) handle(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg).SetReply(r)
	if len(r.Question) == 1 {
		m.Answer = s.answer(r.Question[0])
	}
	_ = w.WriteMsg(m) // lego retries
}

// answer returns the CNAME to the name to write at, or the SOA of a zone. Lego caches a zone
// for the SOA's refresh time, which is 0.
func (s *loopbackServer) answer(q dns.Question) []dns.RR {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := dns.CanonicalName(q.Name)
	head := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET}
	for _, c := range s.calls {
		switch {
		case q.Qtype == dns.TypeCNAME && c.queried == name && c.fqdn != name:
			return []dns.RR{&dns.CNAME{Hdr: head, Target: c.fqdn}}
		case q.Qtype == dns.TypeSOA && c.zone == name:
			return []dns.RR{&dns.SOA{Hdr: head, Ns: "ns." + c.zone, Mbox: "hostmaster." + c.zone}}
		}
	}
	return nil
}
