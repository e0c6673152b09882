package zone

import (
	"slices"

	"github.com/miekg/dns"
)

// update does an RFC 2136 message and returns its response code. The caller
// has checked who sent it.
func (z *Zone) update(r *dns.Msg) int {
	if len(r.Question) != 1 || r.Question[0].Qtype != dns.TypeSOA {
		return dns.RcodeFormatError
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	apex := dns.CanonicalName(r.Question[0].Name)
	if z.apex(apex) != apex {
		return dns.RcodeNotAuth
	}
	for _, rr := range slices.Concat(r.Answer, r.Ns) {
		if !dns.IsSubDomain(apex, dns.CanonicalName(rr.Header().Name)) {
			return dns.RcodeNotZone
		}
	}
	for _, rr := range r.Answer {
		if code := z.prerequisite(rr); code != dns.RcodeSuccess {
			return code
		}
	}
	if slices.ContainsFunc(r.Ns, malformed) {
		return dns.RcodeFormatError
	}
	if err := z.apply(r.Ns); err != nil {
		return dns.RcodeServerFailure
	}
	return dns.RcodeSuccess
}

// prerequisite is RFC 2136, section 3.2, with one deviation: a class IN
// prerequisite is met by a set that holds the record, other records or not.
func (z *Zone) prerequisite(rr dns.RR) int {
	h := rr.Header()
	found := z.find(h.Name, h.Rrtype)
	switch h.Class {
	case dns.ClassANY:
		if len(found) == 0 {
			return absent(h.Rrtype)
		}
	case dns.ClassNONE:
		if len(found) > 0 && h.Rrtype == dns.TypeANY {
			return dns.RcodeYXDomain
		}
		if len(found) > 0 {
			return dns.RcodeYXRrset
		}
	case dns.ClassINET:
		if !slices.ContainsFunc(found, func(have dns.RR) bool { return dns.IsDuplicate(have, rr) }) {
			return dns.RcodeNXRrset
		}
	default:
		return dns.RcodeFormatError
	}
	return dns.RcodeSuccess
}

func absent(rrtype uint16) int {
	if rrtype == dns.TypeANY {
		return dns.RcodeNameError
	}
	return dns.RcodeNXRrset
}

// malformed is RFC 2136, section 3.4.1.
func malformed(rr dns.RR) bool {
	h := rr.Header()
	switch h.Class {
	case dns.ClassINET, dns.ClassNONE:
		return h.Rrtype == dns.TypeANY || h.Rdlength == 0
	case dns.ClassANY:
		return h.Rdlength != 0
	}
	return true
}
