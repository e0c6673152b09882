package dns01

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestAddress(t *testing.T) {
	for given, want := range map[string]string{
		"ns.example.com": "ns.example.com:53", "ns.example.com:5353": "ns.example.com:5353",
		"192.0.2.1": "192.0.2.1:53", "192.0.2.1:54": "192.0.2.1:54",
		"[2001:db8::1]": "[2001:db8::1]:53", "[2001:db8::1]:54": "[2001:db8::1]:54", "2001:db8::1": "[2001:db8::1]:53",
	} {
		if got, err := Address(given); got != want || err != nil {
			t.Errorf("%s: %s, %v, want %s", given, got, err, want)
		}
	}
	for _, given := range []string{"", ":53", "a:b", "a:0", "a:65536", "[::1", "a:53:53", "[::1]:"} {
		want := fmt.Sprintf("invalid address %q: use host or host:port, with IPv6 in brackets", given)
		if got, err := Address(given); text(err) != want {
			t.Errorf("%s: %s, %v", given, got, err)
		}
	}
}

func TestFollow(t *testing.T) {
	var many strings.Builder
	for i := range 12 {
		fmt.Fprintf(&many, "c%d.example.com. CNAME c%d.example.com.\n", i, i+1)
	}
	w := newTestDNS(t, soa+`
a.example.com. CNAME B.example.com.
b.example.com. CNAME c.example.org.
x.example.com. CNAME y.example.com.
y.example.com. CNAME x.example.com.
`+many.String())
	for _, c := range []struct{ name, end, chain, err string }{
		{"none.example.com.", "none.example.com.", "", ""},
		{"a.example.com.", "c.example.org.", "a.example.com. b.example.com.", ""},
		{"x.example.com.", "", "", "x.example.com: its CNAMEs form a loop: x.example.com → y.example.com → x.example.com."},
		{"c2.example.com.", "c12.example.com.", "", "c2.example.com: more than 10 CNAMEs: c2.example.com → c3.example.com → c4.example.com → c5.example.com → c6.example.com → c7.example.com → c8.example.com → c9.example.com → c10.example.com → c11.example.com."},
		{"c3.example.com.", "c12.example.com.", "c3.example.com. c4.example.com. c5.example.com. c6.example.com. c7.example.com. c8.example.com. c9.example.com. c10.example.com. c11.example.com.", ""},
	} {
		end, chain, err := w.finder().follow(t.Context(), c.name)
		if text(err) != c.err || err == nil && (end != c.end || strings.Join(chain, " ") != c.chain) {
			t.Errorf("%s: %s %s %v", c.name, end, chain, err)
		}
	}
}

func TestZone(t *testing.T) {
	w := newTestDNS(t, soa+`
deep.example.com. SOA ns. a. 1 1 1 1 1
host.example.com. A 127.0.0.9
alias.example.com. CNAME x.example.org.
example.org. SOA ns. a. 1 1 1 1 1
`)
	for name, want := range map[string]string{
		"example.com.":                      "example.com.",
		"host.example.com.":                 "example.com.", // without an SOA record
		"a.b.c.example.com.":                "example.com.", // does not exist
		"_acme-challenge.deep.example.com.": "deep.example.com.",
		"alias.example.com.":                "example.com.", // not the target's zone
		"a.alias.example.com.":              "example.com.",
		"x.example.org.":                    "example.org.",
	} {
		if got, err := w.finder().zone(t.Context(), name); got != want || err != nil {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
	if got, err := w.finder().zone(t.Context(), "a.example.net."); text(err) != "a.example.net: no resolver returned an SOA record for its zone" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestQuery: the next resolver is queried if one has no answer; TCP is used for answers that do
// not fit a packet.
func TestQuery(t *testing.T) {
	w := newTestDNS(t, "")
	good := w.serve(2, "a.example.com. TXT x")
	r := w.finder()
	address := func(n int) string { return fmt.Sprintf("127.0.0.%d:%d", n, w.port) }
	r.recursive = []string{address(1), address(9), address(2)}
	w.resolver.be(func(a *authority) { a.rcode = dns.RcodeServerFailure })
	good.be(func(a *authority) { a.cut = true })
	m, err := r.query(t.Context(), "a.example.com.", dns.TypeTXT)
	if err != nil || len(m.Answer) != 1 {
		t.Errorf("%v, %v", m, err)
	}
	if want := []string{"TXT a.example.com.", "TXT a.example.com."}; !cmp.Equal(good.questions(), want) {
		t.Errorf("asked %q, want by UDP and by TCP", good.questions())
	}
	r.recursive = r.recursive[:2]
	want := fmt.Sprintf("look up a.example.com TXT: resolver %s: SERVFAIL; resolver %s: connect: connection refused", address(1), address(9))
	if _, err := r.query(t.Context(), "a.example.com.", dns.TypeTXT); text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestServers(t *testing.T) {
	w := newTestDNS(t, twoServers+"ns2.example.net. AAAA ::1")
	r := w.finder()
	want := []server{
		{"ns1.example.net", []string{fmt.Sprintf("127.0.0.2:%d", w.port)}},
		{"ns2.example.net", []string{fmt.Sprintf("127.0.0.3:%d", w.port), fmt.Sprintf("[::1]:%d", w.port)}},
	}
	for range 2 {
		got, err := r.servers(t.Context(), "example.com.")
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(server{})); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if queried := len(w.resolver.questions()); queried != 5 {
		t.Errorf("asked %d questions for the same twice, want 5", queried)
	}
	if _, err := r.servers(t.Context(), "example.org."); text(err) != "example.org: the zone has no name servers" {
		t.Error(err)
	}
}
