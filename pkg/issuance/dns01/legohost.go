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

// legoRecord is a record as lego's providers take it.
func legoRecord(ctx context.Context, r *record) (Record, error) {
	zone, err := r.zone(ctx)
	if err != nil {
		return Record{}, err
	}
	domain := strings.TrimPrefix(plain(r.fqdn), "_acme-challenge.")
	return Record{Domain: domain, FQDN: r.fqdn, Zone: zone, Token: r.token, KeyAuth: r.keyAuth}, nil
}

// namedHost is a DNS provider that was made by its name.
type namedHost struct{ provider Provider }

// byName is a provider that nothing more is known of.
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
	told, err := legoRecord(ctx, r)
	if err != nil {
		return err
	}
	return do(ctx, told)
}

// legoHost is a DNS provider of lego in this process, for solvers that lego can
// be configured for without variables. It knows no context: see prover.change,
// which does not wait for it.
type legoHost struct{ provider challenge.Provider }

func (h *legoHost) present(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.Present)
}

func (h *legoHost) remove(ctx context.Context, r *record) error {
	return h.call(ctx, r, h.provider.CleanUp)
}

func (h *legoHost) call(ctx context.Context, r *record, do func(domain, token, keyAuth string) error) error {
	told, err := legoRecord(ctx, r)
	if err != nil {
		return err
	}
	return CallLego(ctx, told, do)
}

// PrepareLego points the resolvers of lego, which are those of the whole
// process, to the answers for calls of CallLego. Call it before lego is used.
func PrepareLego() error { return theStage.ready() }

// CallLego calls a provider of lego so that it writes at the record's FQDN. Lego
// computes that name from the domain, and follows CNAMEs while it does.
func CallLego(ctx context.Context, r Record, do func(domain, token, keyAuth string) error) error {
	leave, err := theStage.enter(ctx, r.Domain, r.FQDN, r.Zone)
	if err != nil {
		return err
	}
	defer leave()
	if got := dns01.GetChallengeInfo(r.Domain, r.KeyAuth).EffectiveFQDN; got != r.FQDN {
		return fmt.Errorf("lego would write at %s, not at %s: unset LEGO_DISABLE_CNAME_SUPPORT if it is set", got, r.FQDN)
	}
	if got, err := dns01.FindZoneByFqdn(r.FQDN); err != nil || got != r.Zone {
		return errors.Join(fmt.Errorf("lego takes %s for the zone, not %s", got, r.Zone), err)
	}
	return do(r.Domain, r.Token, r.KeyAuth)
}

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
