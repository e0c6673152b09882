package dns01

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// testDNS is a DNS of real servers on loopback addresses, all on one port: a resolver at
// 127.0.0.1 with the given records, and any others.
type testDNS struct {
	t        testing.TB
	port     int
	resolver *authority
}

// authority is a name server with records in zone file syntax.
type authority struct {
	mu      sync.Mutex
	records []dns.RR
	rcode   int  // of every answer
	silent  bool // does not answer
	cut     bool // every UDP answer is truncated
	queried []string
	aa, ra  bool
}

func newTestDNS(t testing.TB, records string) *testDNS {
	t.Helper()
	w := &testDNS{t: t}
	for range 20 { // until a port is free for UDP and TCP
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		w.port = packets.LocalAddr().(*net.UDPAddr).Port
		stream, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(w.port))
		packets.Close()
		if err == nil {
			stream.Close()
			break
		}
	}
	w.resolver = w.serve(1, records)
	w.resolver.be(func(a *authority) { a.aa, a.ra = false, true })
	return w
}

// serve starts a server at 127.0.0.<n>.
func (w *testDNS) serve(n int, records string) *authority {
	w.t.Helper()
	a := &authority{aa: true}
	a.set(w.t, records)
	addr := net.JoinHostPort(fmt.Sprintf("127.0.0.%d", n), strconv.Itoa(w.port))
	packets, err := net.ListenPacket("udp", addr)
	if err != nil {
		w.t.Fatal(err)
	}
	stream, err := net.Listen("tcp", addr)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: a.handler(false)}, {Listener: stream, Handler: a.handler(true)}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		w.t.Cleanup(func() { _ = s.Shutdown() })
	}
	return a
}

func (a *authority) set(t testing.TB, records string) {
	t.Helper()
	var found []dns.RR
	parser := dns.NewZoneParser(strings.NewReader(records), ".", "")
	parser.SetDefaultTTL(60)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		found = append(found, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.records = found
}

// questions returns the queries, for example "TXT a.example.com.".
func (a *authority) questions() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.queried)
}

// be changes its behaviour.
func (a *authority) be(change func(*authority)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

func (a *authority) handler(tcp bool) dns.HandlerFunc {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		a.mu.Lock()
		defer a.mu.Unlock()
		q := r.Question[0]
		a.queried = append(a.queried, dns.TypeToString[q.Qtype]+" "+q.Name)
		if a.silent {
			return
		}
		m := new(dns.Msg).SetReply(r)
		m.Rcode, m.Authoritative, m.RecursionAvailable = a.rcode, a.aa, a.ra
		if m.Truncated = a.cut && !tcp; !m.Truncated && m.Rcode == dns.RcodeSuccess {
			a.answer(m, q)
		}
		_ = w.WriteMsg(m)
	}
}

// answer adds the records of a name, or the zone's SOA, and whether the name exists.
func (a *authority) answer(m *dns.Msg, q dns.Question) {
	name, exists := dns.CanonicalName(q.Name), false
	for range 4 {
		for _, rr := range a.records {
			owner := dns.CanonicalName(rr.Header().Name)
			exists = exists || dns.IsSubDomain(name, owner)
			if owner == name && (rr.Header().Rrtype == q.Qtype || rr.Header().Rrtype == dns.TypeCNAME) {
				m.Answer = append(m.Answer, rr)
			}
		}
		alias := aliasOf(m.Answer, name)
		if alias == "" || q.Qtype == dns.TypeCNAME || !a.ra {
			break
		}
		name = alias
	}
	if len(m.Answer) > 0 {
		return
	}
	for _, rr := range a.records {
		if rr.Header().Rrtype == dns.TypeSOA && dns.IsSubDomain(rr.Header().Name, name) {
			m.Ns = []dns.RR{rr}
		}
	}
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
}

// options returns a solver's options for this DNS.
func (w *testDNS) options() Options {
	return Options{
		Resolvers: []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(w.port))}, Port: uint16(w.port),
		Timeout: time.Second, Interval: 200 * time.Millisecond,
	}
}

func (w *testDNS) finder() *resolver {
	w.t.Helper()
	r, err := newResolver(w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// twoServers is a zone with name servers at 127.0.0.2 and 127.0.0.3.
const twoServers = `
example.com. SOA ns1.example.net. a.example.com. 1 60 60 60 60
example.com. NS ns1.example.net.
example.com. NS ns2.example.net.
ns1.example.net. A 127.0.0.2
ns2.example.net. A 127.0.0.3
`

const soa = "example.com. SOA ns1.example.net. a.example.com. 1 60 60 60 60\n"

// text returns an error's text, with every duration as 1s: a busy machine takes longer.
func text(err error) string {
	if err == nil {
		return ""
	}
	return elapsed.ReplaceAllString(err.Error(), "not propagated after 1s")
}

var elapsed = regexp.MustCompile(`not propagated after \d+s`)

// add adds one record, "name type data".
func (a *authority) add(line string) {
	rr, err := dns.NewRR(line)
	if err != nil {
		panic(err) // fails the test
	}
	a.be(func(a *authority) { a.records = append(a.records, rr) })
}
