package dns01

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const shop = "_acme-challenge.shop.example.com."

func (w *testDNS) poller() poller {
	o := w.options()
	return poller{dns: w.finder(), timeout: o.Timeout, interval: o.Interval}
}

// TestUntil: the servers' answers, after a while, and the result.
func TestUntil(t *testing.T) {
	t.Parallel()
	both := shop + " TXT one\n" + shop + " TXT two\n"
	silent := func(a *authority) { a.silent = true }
	for _, c := range []struct {
		title         string
		first, second string // records of the two servers
		how           func(w *testDNS, first, second *authority)
		want          string // the error, with the port as PORT
		least         time.Duration
		most          time.Duration
	}{
		{"both have both", both, both, nil, "", 0, 600 * time.Millisecond},
		{"none has", soa, soa, nil, "not propagated after 1s: ns1.example.net: NXDOMAIN for NAME; ns2.example.net: NXDOMAIN for NAME", 0, 0},
		{"one lacks one", both, shop + " TXT one", nil, `not propagated after 1s: ns1.example.net: only ["one" "two"] for NAME; ns2.example.net: only ["one"] for NAME`, 0, 0},
		{"another type", shop + " A 127.0.0.1", both, nil, `not propagated after 1s: ns1.example.net: no TXT record for NAME; ns2.example.net: only ["one" "two"] for NAME`, 0, 0},
		{"an alias", shop + " CNAME other.example.org.", both, nil, `not propagated after 1s: ns1.example.net: a CNAME to other.example.org for NAME; ns2.example.net: only ["one" "two"] for NAME`, 0, 0},
		{"one comes later", both, soa, func(w *testDNS, _, second *authority) {
			time.AfterFunc(350*time.Millisecond, func() { second.set(w.t, both) })
		}, "", 350 * time.Millisecond, 0},
		{"one refuses", both, both, func(_ *testDNS, _, second *authority) {
			second.be(func(a *authority) { a.rcode = dns.RcodeRefused })
		}, "", 200 * time.Millisecond, 0},
		{"one does not have the zone", both, "", func(_ *testDNS, _, second *authority) {
			second.be(func(a *authority) { a.aa, a.rcode = false, dns.RcodeSuccess })
			second.set(t, shop+" A 127.0.0.1")
		}, "", 200 * time.Millisecond, 0},
		{"none answers, the resolver has", "", "", func(w *testDNS, first, second *authority) {
			first.be(func(a *authority) { a.rcode = dns.RcodeRefused })
			second.be(func(a *authority) { a.rcode = dns.RcodeServerFailure })
			w.resolver.set(w.t, twoServers+both)
		}, "", 200 * time.Millisecond, 0},
		{"none answers, the resolver has not", "", "", func(w *testDNS, first, second *authority) {
			first.be(func(a *authority) { a.rcode = dns.RcodeRefused })
			second.be(func(a *authority) { a.rcode = dns.RcodeServerFailure })
		}, "not propagated after 1s: ns1.example.net: REFUSED for NAME; ns2.example.net: SERVFAIL for NAME; resolver 127.0.0.1:PORT: NXDOMAIN for NAME", 0, 0},
		{"no server answers", "", "", func(_ *testDNS, first, second *authority) { first.be(silent); second.be(silent) },
			"not propagated after 1s: ns1.example.net: no answer for NAME; ns2.example.net: no answer for NAME; resolver 127.0.0.1:PORT: NXDOMAIN for NAME", 0, 0},
		{"the resolver fails", both, both, func(w *testDNS, _, _ *authority) {
			w.resolver.be(func(a *authority) { a.rcode = dns.RcodeServerFailure })
		}, "not propagated after 1s: look up NAME SOA: resolver 127.0.0.1:PORT: SERVFAIL", 0, 0},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			w := newTestDNS(t, twoServers)
			first, second := w.serve(2, c.first), w.serve(3, c.second)
			if c.how != nil {
				c.how(w, first, second)
			}
			began := time.Now()
			got := text(w.poller().until(t.Context(), shop, []string{"two", "one"}))
			got = strings.ReplaceAll(strings.ReplaceAll(got, plain(shop), "NAME"), fmt.Sprint(w.port), "PORT")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if took := time.Since(began); took < c.least || c.most > 0 && took > c.most {
				t.Errorf("took %s, want %s to %s", took, c.least, c.most)
			}
		})
	}
}

// TestZoneOnce: the zone is looked up once, however often the records are polled.
func TestZoneOnce(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	w.serve(2, soa)
	w.serve(3, soa)
	_ = w.poller().until(t.Context(), shop, []string{"never there"})
	queried := 0
	for _, q := range w.resolver.questions() {
		if q == "SOA "+shop {
			queried++
		}
	}
	if queried != 1 {
		t.Errorf("asked %d times", queried)
	}
}

// TestUntilEnds: until ends with the context, even while a query is unanswered.
func TestUntilEnds(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		w := newTestDNS(t, twoServers)
		for n := range 2 {
			w.serve(n+2, soa).be(func(a *authority) { a.silent = silent })
		}
		poller := w.poller()
		poller.timeout, poller.interval = time.Hour, time.Hour
		ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer stop()
		began := time.Now()
		if err := poller.until(ctx, shop, []string{"x"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("took %s", took)
		}
	}
}

// TestFirstPropagationCheck: the first poll is early, and the resolver is not queried for the name before
// the record can exist.
func TestFirstPropagationCheck(t *testing.T) {
	if got := (poller{interval: 10 * time.Second}).first(); got != 100*time.Millisecond {
		t.Errorf("looks after %s", got)
	}
	if got := (poller{interval: 10 * time.Second, only: true}).first(); got != 2*time.Second {
		t.Errorf("asks resolvers after %s", got)
	}
}
