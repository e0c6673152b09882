package dns01

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

const (
	account    = "https://ca.example/acct/123"
	otherAcct  = "https://ca.example/acct/999"
	persistent = "_validation-persist.example.com. TXT "
)

// TestPersistentRecordIsAccepted: which records a CA accepts, as Pebble does.
func TestPersistentRecordIsAccepted(t *testing.T) {
	now := time.Unix(2_000_000_000, 0)
	plain := issuance.Challenge{Name: "example.com", Account: account, IssuerDomains: []string{"authority.example", "ca.example"}}
	wildcard := plain
	wildcard.Wildcard = true
	for _, c := range []struct{ record, plain, wildcard string }{
		{"authority.example;accounturi=" + account, "", "has no policy=wildcard"},
		{"ca.example; accounturi=" + account + "; policy=wildcard", "", ""},
		{"   authority.example   ;   accounturi   =   " + account + "   ;\tpolicy = wildcard ; persistUntil = 4102444800   ", "", ""},
		{"authority.example;ACCOUNTURI=" + account + ";pOlIcY=wIlDcArD", "", ""},
		{"authority.example;accounturi=" + account + ";policy=notwildcard", "", "has no policy=wildcard"},
		{"authority.example;accounturi=" + account + ";policy=", "", "has no policy=wildcard"},
		{"authority.example;accounturi=" + account + ";foo=;bar=x", "", "has no policy=wildcard"},
		{"authority.example;accounturi=" + account + ";persistUntil=2000000000", "", "has no policy=wildcard"},
		{"authority.example;accounturi=" + account + ";policy=wildcard;persistUntil=1999999999", "expired 2033-05-18", "expired 2033-05-18"},
		{"authority.example;accounturi=" + account + ";policy=wildcard;persistUntil=-1", "expired 1969-12-31", "expired 1969-12-31"},
		{"Authority.example;accounturi=" + account + ";policy=wildcard", "is for another CA", "is for another CA"},
		{"authority.example;accounturi=" + otherAcct + ";policy=wildcard", "is for another account", "is for another account"},
		{"authority.example;accounturi=" + strings.ToUpper(account), "is for another account", "is for another account"},
		{"authority.example;policy=wildcard", "has no accounturi", "has no accounturi"},
		{"authority.example;accounturi=", "has no accounturi", "has no accounturi"},
		{"authority.example", "has no accounturi", "has no accounturi"},
		{"", "has no CA domain", "has no CA domain"},
		{";accounturi=" + account, "has no CA domain", "has no CA domain"},
		{"authority.example;accounturi=" + account + ";", "has an empty parameter or a trailing semicolon", "has an empty parameter or a trailing semicolon"},
		{"authority.example;accounturi=" + account + "; invalidparam ", `has "invalidparam", which is not name=value`, `has "invalidparam", which is not name=value`},
		{"authority.example;accounturi=" + account + ";=abc", `has "=abc", which is not name=value`, `has "=abc", which is not name=value`},
		{"authority.example;ACCOUNTURI=" + account + ";accounturi=" + otherAcct, "has a duplicate accounturi", "has a duplicate accounturi"},
		{"authority.example;accounturi=" + account + ";foo=1;FOO=2", "has a duplicate foo", "has a duplicate foo"},
		{"authority.example;accounturi=" + account + ";policy=wild card", "has invalid characters in the value of policy", "has invalid characters in the value of policy"},
		{"authority.example;accounturi=" + account + ";persistUntil=", "has an invalid persistUntil: use Unix seconds", "has an invalid persistUntil: use Unix seconds"},
		{"authority.example;accounturi=" + account + ";persistUntil=2033-05-18", "has an invalid persistUntil: use Unix seconds", "has an invalid persistUntil: use Unix seconds"},
	} {
		for _, k := range []struct {
			challenge issuance.Challenge
			want      string
		}{{plain, c.plain}, {wildcard, c.wildcard}} {
			g, got := parseGrant(c.record)
			if got == "" {
				got = g.refuses(k.challenge, now)
			}
			if got != k.want {
				t.Errorf("%q, wildcard %t: %q, want %q", c.record, k.challenge.Wildcard, got, k.want)
			}
		}
	}
}

func FuzzGrant(f *testing.F) {
	for _, seed := range []string{
		"authority.example; accounturi=" + account, "a;accounturi=b;policy=wildcard;persistUntil=1", ";", "a;", "a;=;", "a;b=c;B=d", " a ; accounturi = \x80",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, record string) {
		g, why := parseGrant(record)
		if why == "" && (g.issuer == "" || g.account == "" || strings.ContainsAny(g.account, " ;\t\n")) {
			t.Fatalf("%q is taken for %+v", record, g)
		}
		if why != "" {
			return
		}
		// The record that we print parses to the same grant.
		c := issuance.Challenge{Name: "example.com", Account: g.account, IssuerDomains: []string{g.issuer}, Wildcard: g.wildcard}
		value := c.IssuerDomains[0] + "; accounturi=" + c.Account
		if c.Wildcard {
			value += "; policy=wildcard"
		}
		again, why := parseGrant(value)
		if why == "" {
			why = again.refuses(c, time.Now())
		}
		if why != "" {
			t.Fatalf("%q of %q: %s", value, record, why)
		}
	})
}

// TestPersistRecord: the record that users are asked to create is valid in the DNS and passes
// the check.
func TestPersistRecord(t *testing.T) {
	c := issuance.Challenge{Type: issuance.DNSPersist01, Name: "example.com", Wildcard: true, Account: account + strings.Repeat("/long", 60), IssuerDomains: []string{"authority.example"}}
	w := newTestDNS(t, twoServers)
	for n := range 2 {
		w.serve(n+2, strings.Replace(persistRecord(c), "IN TXT", "60 IN TXT", 1))
	}
	p, err := NewPersist(w.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Present(t.Context(), []issuance.Challenge{c}); err != nil {
		t.Error(err)
	}
	c.Account, c.Wildcard = account, false
	if got, want := persistRecord(c), `_validation-persist.example.com. IN TXT "authority.example; accounturi=https://ca.example/acct/123"`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDNSPersist01(t *testing.T) {
	t.Parallel()
	good := persistent + `"authority.example; accounturi=` + account + `"` + "\n"
	other := persistent + `"authority.example; accounturi=` + otherAcct + `"` + "\n"
	create := `; create: _validation-persist.example.com. IN TXT "authority.example; accounturi=https://ca.example/acct/123`
	for _, c := range []struct {
		title         string
		first, second string
		wildcard      bool
		change        func(*issuance.Challenge)
		want          string
	}{
		{title: "there", first: good, second: good},
		{title: "among others", first: other + good, second: good + other},
		{title: "at one server", first: good, second: soa, want: "challenge: example.com: no record authorizes this account: ns2.example.net: NXDOMAIN" + create + `"`},
		{title: "not there", first: soa, second: other,
			want: `challenge: example.com: no record authorizes this account: ns1.example.net: NXDOMAIN; ns2.example.net: "authority.example; accounturi=https://ca.example/acct/999" is for another account` + create + `"`},
		{title: "no wildcard", first: good, second: good, wildcard: true,
			want: `challenge: example.com: no record authorizes this account: ns1.example.net: "authority.example; accounturi=https://ca.example/acct/123" has no policy=wildcard; ns2.example.net: "authority.example; accounturi=https://ca.example/acct/123" has no policy=wildcard` + create + `; policy=wildcard"`},
		{title: "the CA says nothing", first: good, second: good, change: func(c *issuance.Challenge) { c.IssuerDomains = nil },
			want: "challenge: example.com: the CA does not specify the record: its account URL or its caaIdentities are missing"},
		{title: "another challenge", first: good, second: good, change: func(c *issuance.Challenge) { c.Type = issuance.DNS01 },
			want: "challenge: example.com: a dns-persist-01 solver cannot complete a dns-01 challenge"},
	} {
		w := newTestDNS(t, twoServers)
		w.serve(2, c.first)
		w.serve(3, c.second)
		p, err := NewPersist(w.options())
		if err != nil {
			t.Fatal(err)
		}
		challenge := issuance.Challenge{Type: issuance.DNSPersist01, Name: "example.com", Wildcard: c.wildcard, Account: account, IssuerDomains: []string{"authority.example"}}
		if c.change != nil {
			c.change(&challenge)
		}
		if err := p.Present(t.Context(), []issuance.Challenge{challenge}); text(err) != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.title, err, c.want)
		} else if f := (*issuance.Failure)(nil); err != nil && (!errors.As(err, &f) || f.Reason != issuance.ReasonChallenge) {
			t.Errorf("%s: %v is not a failure of a challenge", c.title, err)
		}
		if err := p.CleanUp(t.Context(), []issuance.Challenge{challenge}); err != nil {
			t.Error(err)
		}
	}
}
