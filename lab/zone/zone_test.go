package zone

import (
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func open(t *testing.T, path string) *Zone {
	t.Helper()
	z, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// lines are the data of records, one per line.
func lines(rrs []dns.RR) string {
	var b strings.Builder
	for _, rr := range rrs {
		b.WriteString(strings.ReplaceAll(rr.String(), "\t", " ") + "\n")
	}
	return b.String()
}

// request sends the API one request and returns its status and body.
func request(t *testing.T, z *Zone, method, target, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	z.API().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body)))
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(text)
}

// TestAPI changes records and opens the file anew after each change.
func TestAPI(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	for _, c := range []struct {
		method, target, body string
		code                 int
		want                 string // records, or with an error its text
	}{
		{"POST", "/records", "b.org A 127.0.0.2\na.org 60 IN TXT \"x y\"", 204, "a.org. 60 IN TXT \"x y\"\nb.org. 1 IN A 127.0.0.2\n"},
		{"POST", "/records", "B.org. 9 A 127.0.0.2", 204, "B.org. 9 IN A 127.0.0.2\na.org. 60 IN TXT \"x y\"\n"},
		{"POST", "/records", "c.org CNAME d.org\nc.org CNAME e.org", 204, "B.org. 9 IN A 127.0.0.2\na.org. 60 IN TXT \"x y\"\nc.org. 1 IN CNAME e.org.\n"},
		{"DELETE", "/records", "b.org A 127.0.0.2", 204, "a.org. 60 IN TXT \"x y\"\nc.org. 1 IN CNAME e.org.\n"},
		{"DELETE", "/records", "b.org A 127.0.0.2", 204, "a.org. 60 IN TXT \"x y\"\nc.org. 1 IN CNAME e.org.\n"},
		{"DELETE", "/records?name=a.org&type=A", "", 204, "a.org. 60 IN TXT \"x y\"\nc.org. 1 IN CNAME e.org.\n"},
		{"DELETE", "/records?name=a.org&type=TXT", "", 204, "c.org. 1 IN CNAME e.org.\n"},
		{"DELETE", "/records?name=c.org", "", 204, ""},
		{"DELETE", "/records?name=c.org&type=NONSENSE", "", 400, "type NONSENSE: unknown\n"},
		{"POST", "/records", "", 400, "no records given\n"},
		{"POST", "/records", "a.org A not-an-address", 400, "dns: bad A A: \"not-an-address\" at line: 1:22\n"},
	} {
		z := open(t, path)
		code, got := request(t, z, c.method, c.target, c.body)
		if code == 204 {
			got = lines(open(t, path).All())
		}
		if code != c.code || got != c.want {
			t.Errorf("%s %s %q: %d %s", c.method, c.target, c.body, code, cmp.Diff(c.want, got))
		}
	}
}

// TestTruncatedFile: a line that a crash cut short does not keep the rest from
// being read.
func TestTruncatedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(path, []byte("+ a.org. 1 IN A 127.0.0.2\n+ b.org. 1 IN A 127.0.0.22"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := lines(open(t, path).All()), "a.org. 1 IN A 127.0.0.2\n"; got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func TestAnswer(t *testing.T) {
	z := open(t, filepath.Join(t.TempDir(), "records"))
	request(t, z, "POST", "/records", `
six.example.com AAAA ::1
text.example.com TXT hello
alias.example.com CNAME text.example.com
loop.example.com CNAME loop.example.com
sub.example.com NS ns.sub.example.com
example.com CAA 0 issue "pebble.letsencrypt.org"`)
	for _, c := range []struct {
		name  string
		qtype uint16
		want  string // the answer, or with none the zone
	}{
		{"any.example.com.", dns.TypeA, "any.example.com. 1 IN A 127.0.0.1\n"},
		{"any.example.com.", dns.TypeAAAA, "example.com."},
		{"six.example.com.", dns.TypeA, "example.com."},
		{"text.example.com.", dns.TypeA, "text.example.com. 1 IN A 127.0.0.1\n"},
		{"alias.example.com.", dns.TypeTXT, "alias.example.com. 1 IN CNAME text.example.com.\ntext.example.com. 1 IN TXT \"hello\"\n"},
		{"alias.example.com.", dns.TypeCNAME, "alias.example.com. 1 IN CNAME text.example.com.\n"},
		{"loop.example.com.", dns.TypeTXT, strings.Repeat("loop.example.com. 1 IN CNAME loop.example.com.\n", 8)},
		{"example.com.", dns.TypeCAA, "example.com. 1 IN CAA 0 issue \"pebble.letsencrypt.org\"\n"},
		{"any.example.com.", dns.TypeSOA, "example.com."},
		{"a.sub.example.com.", dns.TypeSOA, "sub.example.com."},
		{"a.b.shop.co.uk.", dns.TypeSOA, "shop.co.uk."},
		{"example.com.", dns.TypeSOA, "example.com. 1 IN SOA ns.example.com. hostmaster.example.com. 2 60 60 3600 1\n"},
		{"sub.example.com.", dns.TypeNS, "sub.example.com. 1 IN NS ns.sub.example.com.\n"},
		{"com.", dns.TypeSOA, "com. 1 IN SOA ns.com. hostmaster.com. 2 60 60 3600 1\n"},
		{".", dns.TypeNS, ". 1 IN NS ns.\n"},
	} {
		answer, authority := z.answer(dns.Question{Name: c.name, Qtype: c.qtype, Qclass: dns.ClassINET})
		got := lines(answer)
		if len(answer) == 0 {
			got = authority[0].Header().Name
		}
		if got != c.want {
			t.Errorf("%s %s: %s", c.name, dns.TypeToString[c.qtype], cmp.Diff(c.want, got))
		}
	}
}

// TestUpdate sends messages through the wire form, where RFC 2136 hides its
// meanings.
func TestUpdate(t *testing.T) {
	rrs := func(texts ...string) (all []dns.RR) {
		for _, text := range texts {
			rr, err := dns.NewRR(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, rr)
		}
		return all
	}
	const both = "a.example.com. 5 IN TXT \"1\"\na.example.com. 5 IN TXT \"2\"\n"
	for _, c := range []struct {
		title string
		zone  string
		build func(*dns.Msg)
		code  string
		want  string
	}{
		{"insert", "example.com.", func(m *dns.Msg) { m.Insert(rrs("b.example.com. 5 TXT x")) }, "NOERROR", both + "b.example.com. 5 IN TXT \"x\"\n"},
		{"remove one", "example.com.", func(m *dns.Msg) { m.Remove(rrs("a.example.com. 5 TXT 1")) }, "NOERROR", "a.example.com. 5 IN TXT \"2\"\n"},
		{"remove a set", "example.com.", func(m *dns.Msg) { m.RemoveRRset(rrs("a.example.com. 5 TXT x")) }, "NOERROR", ""},
		{"remove a set of another type", "example.com.", func(m *dns.Msg) { m.RemoveRRset(rrs("a.example.com. 5 A 1.1.1.1")) }, "NOERROR", both},
		{"remove a name", "example.com.", func(m *dns.Msg) { m.RemoveName(rrs("a.example.com. 5 A 1.1.1.1")) }, "NOERROR", ""},
		{"remove, then insert", "example.com.", func(m *dns.Msg) {
			m.RemoveRRset(rrs("a.example.com. 5 TXT x"))
			m.Insert(rrs("a.example.com. 5 TXT 3"))
		}, "NOERROR", "a.example.com. 5 IN TXT \"3\"\n"},
		{"no zone of its own", "a.example.com.", func(m *dns.Msg) { m.Insert(rrs("a.example.com. 5 TXT x")) }, "NOTAUTH", both},
		{"another zone's name", "example.com.", func(m *dns.Msg) { m.Insert(rrs("a.example.org. 5 TXT x")) }, "NOTZONE", both},
		{"name must be used", "example.com.", func(m *dns.Msg) {
			m.NameUsed(rrs("b.example.com. 5 A 1.1.1.1"))
			m.Insert(rrs("b.example.com. 5 TXT x"))
		}, "NXDOMAIN", both},
		{"name must not be used", "example.com.", func(m *dns.Msg) {
			m.NameNotUsed(rrs("a.example.com. 5 A 1.1.1.1"))
			m.Insert(rrs("b.example.com. 5 TXT x"))
		}, "YXDOMAIN", both},
		{"set must not be used", "example.com.", func(m *dns.Msg) { m.RRsetNotUsed(rrs("a.example.com. 5 TXT x")) }, "YXRRSET", both},
		{"record must be there", "example.com.", func(m *dns.Msg) { m.Used(rrs("a.example.com. 0 TXT 3")) }, "NXRRSET", both},
		{"record is there", "example.com.", func(m *dns.Msg) { m.Used(rrs("a.example.com. 0 TXT 1")) }, "NOERROR", both},
	} {
		z := open(t, filepath.Join(t.TempDir(), "records"))
		if err := z.Apply(rrs("a.example.com. 5 TXT 1", "a.example.com. 5 TXT 2")); err != nil {
			t.Fatal(err)
		}
		m := new(dns.Msg).SetUpdate(c.zone)
		c.build(m)
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Unpack(wire); err != nil {
			t.Fatal(err)
		}
		if code := dns.RcodeToString[z.update(m)]; code != c.code {
			t.Errorf("%s: %s, want %s", c.title, code, c.code)
		}
		if got := lines(z.All()); got != c.want {
			t.Errorf("%s: %s", c.title, cmp.Diff(c.want, got))
		}
	}
}
