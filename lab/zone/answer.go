package zone

import (
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// ttl of what is made up here, in seconds: tests change their minds.
const ttl = 1

// answer gives the records that answer a question and, where there are none,
// the SOA of the zone that says so. CNAMEs are followed. A name with neither
// A, AAAA nor CNAME has the address 127.0.0.1, so that every name leads here.
func (z *Zone) answer(q dns.Question) (answer, authority []dns.RR) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	name := q.Name
	for range 8 {
		found := z.find(name, q.Qtype)
		answer = append(answer, found...)
		if len(found) > 0 || q.Qtype == dns.TypeCNAME {
			break
		}
		alias := z.find(name, dns.TypeCNAME)
		if len(alias) == 0 {
			answer = append(answer, z.made(name, q.Qtype)...)
			break
		}
		answer = append(answer, alias...)
		name = alias[0].(*dns.CNAME).Target
	}
	if len(answer) == 0 {
		authority = []dns.RR{z.soa(z.apex(name))}
	}
	return answer, authority
}

// find returns the records of a name and type; type ANY finds all.
func (z *Zone) find(name string, qtype uint16) []dns.RR {
	var found []dns.RR
	for _, rr := range z.names[dns.CanonicalName(name)] {
		if qtype == dns.TypeANY || rr.Header().Rrtype == qtype {
			rr = dns.Copy(rr)
			rr.Header().Name = name
			found = append(found, rr)
		}
	}
	return found
}

// made returns the records that were not set.
func (z *Zone) made(name string, qtype uint16) []dns.RR {
	head := dns.RR_Header{Name: name, Rrtype: qtype, Class: dns.ClassINET, Ttl: ttl}
	apex := z.apex(name) == dns.CanonicalName(name)
	switch {
	case qtype == dns.TypeA && len(z.find(name, dns.TypeAAAA)) == 0:
		return []dns.RR{&dns.A{Hdr: head, A: net.IPv4(127, 0, 0, 1)}}
	case qtype == dns.TypeSOA && apex:
		return []dns.RR{z.soa(name)}
	case qtype == dns.TypeNS && apex:
		return []dns.RR{&dns.NS{Hdr: head, Ns: nameserver(name)}}
	}
	return nil
}

// apex is the zone a name lies in: the closest ancestor that has an SOA or NS
// record set, else the domain under the public suffix.
func (z *Zone) apex(name string) string {
	name = dns.CanonicalName(name)
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		up := name[off:]
		if slices.ContainsFunc(z.names[up], func(rr dns.RR) bool {
			return rr.Header().Rrtype == dns.TypeSOA || rr.Header().Rrtype == dns.TypeNS
		}) {
			return up
		}
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(name, "."))
	if err != nil {
		return name // a public suffix, or the root
	}
	return domain + "."
}

func (z *Zone) soa(apex string) dns.RR {
	if set := z.find(apex, dns.TypeSOA); len(set) > 0 {
		return set[0]
	}
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: apex, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: ttl},
		Ns:  nameserver(apex), Mbox: "hostmaster." + strings.TrimPrefix(apex, "."),
		Serial: z.serial, Refresh: 60, Retry: 60, Expire: 3600, Minttl: ttl,
	}
}

func nameserver(apex string) string { return "ns." + strings.TrimPrefix(apex, ".") }
