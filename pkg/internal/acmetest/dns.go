package acmetest

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// zone is the only zone of the DNS server.
const zone = "example.com."

// DNS is the DNS server of a CA. Every name resolves to 127.0.0.1, except those of
// SetAddresses, and names that begin with "missing.", which do not exist.
type DNS struct {
	// Address takes queries by UDP and TCP.
	Address string

	lock      sync.Mutex
	txt       map[string][]string
	addresses map[string][]netip.Addr
}

// SetAddresses sets the A and AAAA records of a name that ends in a dot.
func (d *DNS) SetAddresses(name string, addresses ...string) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.addresses[name] = nil
	for _, a := range addresses {
		d.addresses[name] = append(d.addresses[name], netip.MustParseAddr(a))
	}
}

// SetTXT sets the TXT records of a name that ends in a dot.
func (d *DNS) SetTXT(name string, values ...string) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.txt[name] = values
}

// StartDNS starts a DNS server that ends with the test. Pebble sends its queries
// by TCP.
func StartDNS(t testing.TB) *DNS {
	t.Helper()
	stream, packets := listen(t)
	d := &DNS{Address: stream.Addr().String(), txt: map[string][]string{}, addresses: map[string][]netip.Addr{}}
	for _, server := range []*dns.Server{{Listener: stream}, {PacketConn: packets}} {
		started := make(chan struct{})
		server.Handler = dns.HandlerFunc(d.answer)
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return d
}

// listen listens by TCP and UDP at one loopback address.
func listen(t testing.TB) (net.Listener, net.PacketConn) {
	t.Helper()
	var err error
	for range 20 {
		var stream net.Listener
		if stream, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		var packets net.PacketConn
		if packets, err = net.ListenPacket("udp", stream.Addr().String()); err == nil {
			return stream, packets
		}
		stream.Close()
	}
	t.Fatal(err)
	return nil, nil
}

func (d *DNS) answer(w dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg).SetReply(query)
	answer.Authoritative = true
	for _, q := range query.Question {
		if strings.HasPrefix(q.Name, "missing.") {
			answer.Rcode = dns.RcodeNameError
			continue
		}
		answer.Answer = append(answer.Answer, d.records(q)...)
	}
	_ = w.WriteMsg(answer)
}

func (d *DNS) records(q dns.Question) []dns.RR {
	d.lock.Lock()
	defer d.lock.Unlock()
	addresses, set := d.addresses[q.Name]
	if set && (q.Qtype == dns.TypeA || q.Qtype == dns.TypeAAAA) {
		return records(q, addresses)
	}
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 1}
	switch {
	case q.Qtype == dns.TypeA:
		return []dns.RR{&dns.A{Hdr: header, A: net.IPv4(127, 0, 0, 1)}}
	case q.Qtype == dns.TypeTXT && len(d.txt[q.Name]) > 0:
		return []dns.RR{&dns.TXT{Hdr: header, Txt: slices.Clone(d.txt[q.Name])}}
	case q.Qtype == dns.TypeSOA && q.Name == zone:
		return []dns.RR{&dns.SOA{Hdr: header, Ns: "ns." + zone, Mbox: "hostmaster." + zone, Serial: 1, Refresh: 1, Retry: 1, Expire: 1, Minttl: 1}}
	}
	return nil
}

// records are the addresses of the type of a question.
func records(q dns.Question, addresses []netip.Addr) (all []dns.RR) {
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 1}
	for _, a := range addresses {
		switch {
		case a.Is4() && q.Qtype == dns.TypeA:
			all = append(all, &dns.A{Hdr: header, A: a.AsSlice()})
		case a.Is6() && q.Qtype == dns.TypeAAAA:
			all = append(all, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	}
	return all
}
