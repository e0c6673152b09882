package usage

import (
	"crypto/x509"
	"fmt"
	"strconv"
	"testing"
)

func TestAbout(t *testing.T) {
	for name, tt := range map[string]struct {
		of, with []*x509.Certificate
		chain    Chain
		known    []*x509.Certificate
		path     string // "" if none leads to the CA
		instead  string
		open     bool
	}{
		"issued by the root": {
			chain: Chain{Leaf: oldRoot.Leaf("a")},
			path:  "a → Old Root",
		},
		"issued by another": {
			chain: Chain{Leaf: other.Leaf("a"), Sent: list(other)},
		},
		"of an unknown issuer": {
			chain: Chain{Leaf: other.Leaf("a")},
			open:  true,
		},
		"through an intermediate that is sent": {
			chain: Chain{Leaf: oldMid.Leaf("a"), Sent: list(oldMid)},
			path:  "a → Issuing 1 → Old Root",
		},
		"through an intermediate in ca.crt": {
			chain: Chain{Leaf: oldMid.Leaf("a"), Beside: list(oldMid)},
			path:  "a → Issuing 1 → Old Root",
		},
		"through an intermediate that clients have": {
			with:  list(oldMid),
			chain: Chain{Leaf: oldMid.Leaf("a")},
			path:  "a → Issuing 1 → Old Root",
		},
		"through an intermediate from elsewhere": {
			chain: Chain{Leaf: oldMid.Leaf("a")},
			known: list(other, oldMid),
			path:  "a → Issuing 1 → Old Root",
		},
		"without its intermediate": {
			chain: Chain{Leaf: oldMid.Leaf("a")},
			open:  true,
		},
		"the intermediate itself is in question": {
			of:    list(oldMid),
			with:  list(oldRoot),
			chain: Chain{Leaf: oldMid.Leaf("a"), Sent: list(oldMid)},
			path:  "a → Issuing 1",
		},
		"the certificate itself is in question": {
			of:    list(oldRoot.Leaf("a")),
			with:  list(oldRoot),
			chain: Chain{Leaf: oldRoot.Leaf("a")},
			path:  "a",
		},
		"cross-signed, and both are sent": {
			with:    list(newRoot),
			chain:   Chain{Leaf: oldMid.Leaf("a"), Sent: list(oldMid, newMid)},
			path:    "a → Issuing 1 → Old Root",
			instead: "New Root",
		},
		"cross-signed, but the new intermediate only lies beside it": {
			with:  list(newRoot),
			chain: Chain{Leaf: oldMid.Leaf("a"), Sent: list(oldMid), Beside: list(newMid)},
			path:  "a → Issuing 1 → Old Root",
		},
		"cross-signed, and the new root does not stay": {
			chain: Chain{Leaf: oldMid.Leaf("a"), Sent: list(oldMid, newMid)},
			path:  "a → Issuing 1 → Old Root",
		},
		"new, sent with the cross-signed new root": {
			with:    list(newRoot),
			chain:   Chain{Leaf: newRoot.Leaf("a"), Sent: list(cross)},
			path:    "a → New Root → Old Root",
			instead: "New Root",
		},
		"new, and nothing of the old": {
			with:  list(newRoot),
			chain: Chain{Leaf: newRoot.Leaf("a")},
		},
		"the root was renewed with its key": {
			with:    list(oldRoot.Renewed()),
			chain:   Chain{Leaf: oldRoot.Leaf("a"), Sent: list(oldRoot)},
			path:    "a → Old Root",
			instead: "Old Root",
		},
		"clients have only the root in question": {
			with:  list(oldRoot),
			chain: Chain{Leaf: oldRoot.Leaf("a"), Sent: list(oldRoot)},
			path:  "a → Old Root",
		},
		"any of two": {
			of:    list(other, oldRoot),
			chain: Chain{Leaf: oldRoot.Leaf("a")},
			path:  "a → Old Root",
		},
		"a root that signed itself and nothing else": {
			chain: Chain{Leaf: other.Certificate},
		},
		"expired, and only formally new": {
			with:  list(newRoot),
			chain: Chain{Leaf: oldMid.Leaf("a", func(c *x509.Certificate) { c.NotAfter = date(2026, 11, 1) }), Sent: list(oldMid, newMid)},
			path:  "a → Issuing 1 → Old Root",
		},
	} {
		t.Run(name, func(t *testing.T) {
			of := tt.of
			if of == nil {
				of = list(oldRoot)
			}
			var pool Pool
			pool.Add(tt.known...)
			a := NewQuestion(of, tt.with, now).About(tt.chain, &pool)
			instead := ""
			if a.Instead != nil {
				instead = a.Instead.Subject.CommonName
			}
			if names(a.Path) != tt.path || instead != tt.instead || (a.Open != nil) != tt.open {
				t.Errorf("path %q, instead %q, open %v; want %q, %q, %v", names(a.Path), instead, a.Open, tt.path, tt.instead, tt.open)
			}
		})
	}
}

// TestCrossSignedCAs: CAs that signed each other do not cause an endless loop.
func TestCrossSignedCAs(t *testing.T) {
	a, b := root("A"), root("B")
	aByB, bByA := b.Below("A"), a.Below("B")
	got := NewQuestion(list(oldRoot), nil, now).About(Chain{Leaf: a.Leaf("x"), Sent: list(aByB, bByA, a, b)}, nil)
	if got.Path != nil || got.Open != nil {
		t.Errorf("got %+v", got)
	}
}

// TestNeeds: a server's chain that ends early is completed from the cluster.
func TestNeeds(t *testing.T) {
	q := NewQuestion(list(oldRoot), list(newRoot), now)
	chain := Chain{Leaf: oldMid.Leaf("a")}
	var pool Pool
	if got := q.Needs(chain, &pool); got != nil {
		t.Errorf("the intermediate is unknown, and it needs %q", names(got))
	}
	pool.Add(oldMid.Certificate)
	if got := names(q.Needs(chain, &pool)); got != "a → Issuing 1 → Old Root" {
		t.Errorf("needs %q", got)
	}
	if got := q.Needs(Chain{Leaf: oldMid.Leaf("a"), Sent: list(oldMid, newMid)}, &pool); got != nil {
		t.Errorf("the new root also validates it, and it needs %q", names(got))
	}
}

// TestServerKeyIsNotACA: clients do not accept a certificate that a server's key signed.
func TestServerKeyIsNotACA(t *testing.T) {
	server := authority{Certificate: oldRoot.Leaf("server"), Key: keyOf("leaf server")}
	a := NewQuestion(list(oldRoot), nil, now).About(Chain{Leaf: server.Leaf("a"), Sent: list(server)}, nil)
	if a.Path != nil {
		t.Errorf("leads to %q", names(a.Path))
	}
}

// BenchmarkReport completes chains that stay open, of as many CAs, whose time is
// to grow with them and not with their square.
func BenchmarkReport(b *testing.B) {
	for _, n := range []int{500, 5_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var pool Pool
			s := NewSurvey(NewQuestion(list(oldRoot), list(newRoot), now))
			for i := range n {
				ca := root(fmt.Sprint("CA ", i))
				pool.Add(ca.Certificate)
				s.Add(secret(fmt.Sprint("s", i), chain(ca.Below("Issuing").Leaf("a"))))
			}
			for b.Loop() {
				s.Report(&pool)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/chain")
		})
	}
}
