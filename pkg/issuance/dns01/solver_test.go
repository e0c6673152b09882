package dns01

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// memory is a DNS provider that writes records to the servers of a testDNS.
type memory struct {
	mu      sync.Mutex
	servers []*authority
	records map[string]bool // "name value"
	calls   []string
	busy    int // calls in progress, and the maximum
	most    int
	fail    func(action string, r *record) error
	slow    time.Duration
}

func (m *memory) do(action string, r *record) error {
	m.mu.Lock()
	m.busy++
	m.most = max(m.most, m.busy)
	m.calls = append(m.calls, action+" "+r.fqdn)
	m.mu.Unlock()
	time.Sleep(m.slow)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy--
	if m.fail != nil {
		if err := m.fail(action, r); err != nil {
			return err
		}
	}
	if m.records == nil {
		m.records = map[string]bool{}
	}
	line := r.fqdn + " TXT " + r.value
	if m.records[line] = true; action == "remove" {
		delete(m.records, line)
	}
	var all []string
	for line := range m.records {
		all = append(all, line)
	}
	for _, s := range m.servers {
		s.be(func(a *authority) { a.records = nil })
		for _, line := range all {
			s.add(line)
		}
	}
	return nil
}

func (m *memory) present(_ context.Context, r *record) error { return m.do("present", r) }
func (m *memory) remove(_ context.Context, r *record) error  { return m.do("remove", r) }

func (w *testDNS) solver(b backend, change func(*dnsSolver)) *dnsSolver {
	w.t.Helper()
	if b.name == "" {
		b.name = w.t.Name() // locks are global
	}
	p := &dnsSolver{backend: b, dns: w.finder(), o: w.options(), known: map[challengeKey]*state{}}
	if change != nil {
		change(p)
	}
	return p
}

// challenges returns the challenges of names, "*." for wildcards.
func challenges(names ...string) (all []issuance.Challenge) {
	for _, name := range names {
		base, wildcard := strings.CutPrefix(name, "*.")
		all = append(all, issuance.Challenge{Type: issuance.DNS01, Name: base, Wildcard: wildcard, Token: "token of " + name, KeyAuthorization: "key of " + name})
	}
	return all
}

func value(name string) string {
	sum := sha256.Sum256([]byte("key of " + name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// TestPresentAndClean: all names of an order are written and checked together, a repetition does nothing,
// and CleanUp keeps foreign records.
func TestPresentAndClean(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	host := &memory{servers: []*authority{w.serve(2, ""), w.serve(3, "")}, slow: 50 * time.Millisecond}
	host.records = map[string]bool{shop + " TXT theirs": true}
	p := w.solver(backend{host: host}, nil)
	order := challenges("shop.example.com", "*.shop.example.com", "Example.com", "a.example.com", "b.example.com")
	began := time.Now()
	for range 2 {
		if err := p.Present(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
	if len(host.calls) != len(order) || host.most < 3 {
		t.Errorf("%d at once: %q", host.most, host.calls)
	}
	want := []string{
		"_acme-challenge.a.example.com. TXT " + value("a.example.com"),
		"_acme-challenge.b.example.com. TXT " + value("b.example.com"),
		"_acme-challenge.example.com. TXT " + value("Example.com"),
		shop + " TXT " + value("*.shop.example.com"), shop + " TXT " + value("shop.example.com"), shop + " TXT theirs",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, host.sorted()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for range 2 {
		if err := p.CleanUp(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{shop + " TXT theirs"}, host.sorted()); diff != "" {
		t.Errorf("records afterwards (-want +got):\n%s", diff)
	}
	if len(p.known) > 0 {
		t.Errorf("still knows %v", p.known)
	}
}

func (m *memory) sorted() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for line := range m.records {
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

// TestSerial: a host that takes one change at a time gets one at a time, from all orders and
// accounts.
func TestSerial(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	host := &memory{servers: []*authority{w.serve(2, ""), w.serve(3, "")}, slow: 20 * time.Millisecond}
	var all sync.WaitGroup
	for i := range 3 {
		p := w.solver(backend{host: host, serial: true}, nil)
		all.Go(func() {
			if err := p.Present(t.Context(), challenges(fmt.Sprintf("a%d.example.com", i), fmt.Sprintf("b%d.example.com", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if host.most != 1 {
		t.Errorf("%d at once", host.most)
	}
}

// TestStrategies: where a record is written and where it is checked.
func TestStrategies(t *testing.T) {
	t.Parallel()
	const aliases = twoServers + shop + " CNAME shop.acme.example.com.\n"
	for _, c := range []struct {
		title         string
		follow        bool
		calls, failed string
	}{
		{"Follow", true, "present shop.acme.example.com.", ""},
		{"None", false, "present " + shop, `challenge: shop.example.com: not propagated after 1s: ns1.example.net: NXDOMAIN for shop.acme.example.com; ns2.example.net: NXDOMAIN for shop.acme.example.com; the CA follows _acme-challenge.shop.example.com → shop.acme.example.com., but the solver wrote the record at _acme-challenge.shop.example.com: set cnameStrategy: Follow`},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			w := newTestDNS(t, aliases)
			host := &memory{servers: []*authority{w.serve(2, ""), w.serve(3, "")}}
			p := w.solver(backend{host: host}, func(p *dnsSolver) { p.follow = c.follow })
			if err := p.Present(t.Context(), challenges("shop.example.com")); text(err) != c.failed {
				t.Errorf("got  %v\nwant %s", err, c.failed)
			}
			if got := strings.Join(host.calls, ", "); got != c.calls {
				t.Errorf("called %s, want %s", got, c.calls)
			}
			w.resolver.set(t, twoServers) // the CNAME is removed; the record is still found
			if err := p.CleanUp(t.Context(), challenges("shop.example.com")); err != nil || len(host.sorted()) > 0 {
				t.Errorf("left: %q, %v", host.sorted(), err)
			}
		})
	}
}

// TestResolversOnly: the name is not queried before the record exists, and the zone's own
// servers never.
func TestResolversOnly(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	own := w.serve(2, "")
	host := &memory{servers: []*authority{w.resolver}}
	host.records = map[string]bool{}
	host.fail = func(string, *record) error {
		for _, q := range w.resolver.questions() {
			if strings.Contains(q, "_acme-challenge") {
				t.Errorf("asked %s too early", q)
			}
		}
		return nil
	}
	p := w.solver(backend{host: host}, func(p *dnsSolver) { p.o.ResolversOnly = true })
	if err := p.Present(t.Context(), challenges("shop.example.com")); err != nil {
		t.Error(err)
	}
	if zone, err := p.zoneOf(shop)(t.Context()); err == nil && zone != "example.com." {
		t.Errorf("zone %s", zone)
	}
	if queried := own.questions(); len(queried) > 0 {
		t.Errorf("the zone's server was asked %q", queried)
	}
}

// TestFailures: the errors when a host rejects a change.
func TestFailures(t *testing.T) {
	t.Parallel()
	fault := errors.New("GET /zones: 403 Forbidden: no")
	elsewhere := strings.ReplaceAll(twoServers, "ns1.example.net", "hydrogen.ns.hetzner.com")
	elsewhere = strings.ReplaceAll(elsewhere, "ns2.example.net", "oxygen.ns.hetzner.com")
	for _, c := range []struct {
		title, dns, server string
		host               string
		names              []string
		single             bool
		clean              bool
		fail               bool
		want               string
	}{
		{title: "refused", names: []string{"shop.example.com"}, fail: true, want: "challenge: shop.example.com: HOST: GET /zones: 403 Forbidden: no"},
		{title: "two refused", names: []string{"shop.example.com", "a.example.com"}, fail: true,
			want: "challenge: shop.example.com: HOST: GET /zones: 403 Forbidden: no; a.example.com: HOST: GET /zones: 403 Forbidden: no"},
		{title: "refused, but there", names: []string{"shop.example.com"}, server: shop + " TXT " + value("shop.example.com"), fail: true},
		{title: "not let go", names: []string{"shop.example.com"}, server: shop + " TXT " + value("shop.example.com"), fail: true, clean: true,
			want: `challenge: shop.example.com: HOST: TXT record "` + value("shop.example.com") + `" of _acme-challenge.shop.example.com was not deleted: GET /zones: 403 Forbidden: no`},
		{title: "not let go, but gone", names: []string{"shop.example.com"}, fail: true, clean: true},
		{title: "another DNS provider", host: "Cloudflare", dns: elsewhere, names: []string{"shop.example.com"}, fail: true,
			want: "challenge: shop.example.com: HOST: GET /zones: 403 Forbidden: no; the zone example.com is served by hydrogen.ns.hetzner.com, oxygen.ns.hetzner.com of Hetzner, but the credentials are for Cloudflare"},
		{title: "perhaps another", host: "Route 53", names: []string{"shop.example.com"},
			want: "challenge: shop.example.com: not propagated after 1s: ns1.example.net: NXDOMAIN for _acme-challenge.shop.example.com; ns2.example.net: NXDOMAIN for _acme-challenge.shop.example.com; the zone example.com is served by ns1.example.net, ns2.example.net, apparently not by name servers of HOST: check that the credentials are for the right DNS provider"},
		{title: "one value at a name", single: true, names: []string{"shop.example.com", "*.shop.example.com"}, server: shop + " TXT x",
			want: `challenge: shop.example.com: not propagated after 1s: ns1.example.net: only ["x"] for _acme-challenge.shop.example.com; ns2.example.net: only ["x"] for _acme-challenge.shop.example.com; HOST may keep only one value at a name: use separate certificates for shop.example.com and *.shop.example.com`},
		{title: "not a name", names: []string{"192.0.2.1", "a..b"}, want: `challenge: 192.0.2.1: "192.0.2.1" is not a DNS name; a..b: "a..b" is not a DNS name`},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			w := newTestDNS(t, twoServers)
			if c.dns != "" {
				w.resolver.set(t, c.dns)
			}
			w.serve(2, c.server)
			w.serve(3, c.server)
			host := &memory{fail: func(string, *record) error {
				if c.fail {
					return fault
				}
				return nil
			}}
			p := w.solver(backend{host: host, name: c.host, single: c.single}, nil)
			do := p.Present
			if c.clean {
				do = p.CleanUp
			}
			err := do(t.Context(), challenges(c.names...))
			if got := strings.ReplaceAll(text(err), p.name+":", "HOST:"); strings.ReplaceAll(got, p.name+" may", "HOST may") != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if f := (*issuance.Failure)(nil); err != nil && (!errors.As(err, &f) || f.Reason != issuance.ReasonChallenge) {
				t.Errorf("%v is not a failure of a challenge", err)
			}
		})
	}
}

// TestHangingProvider: a host that does not return blocks no one, and its record is deleted when it
// does return.
func TestHangingProvider(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	go1 := make(chan struct{})
	host := &memory{servers: []*authority{w.serve(2, ""), w.serve(3, "")}}
	host.fail = func(action string, _ *record) error {
		if action == "present" {
			host.mu.Unlock()
			<-go1
			host.mu.Lock()
		}
		return nil
	}
	p := w.solver(backend{host: host}, nil)
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	began := time.Now()
	if err := p.Present(ctx, challenges("shop.example.com")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("took %s", took)
	}
	want := "challenge: shop.example.com: no answer from " + p.name + " after 1s"
	if err := p.Present(t.Context(), challenges("shop.example.com")); text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	time.AfterFunc(200*time.Millisecond, func() { close(go1) })
	if err := p.CleanUp(t.Context(), challenges("shop.example.com")); err != nil {
		t.Error(err)
	}
	if left := host.sorted(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestWaitInsteadOfSelfCheck(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	wait := 300 * time.Millisecond
	p := w.solver(backend{host: &memory{}}, func(p *dnsSolver) { p.o.WaitInstead = &wait })
	began := time.Now()
	if err := p.Present(t.Context(), challenges("shop.example.com")); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < wait || took > wait+time.Second {
		t.Errorf("took %s", took)
	}
}

func TestWrongType(t *testing.T) {
	p := newTestDNS(t, twoServers).solver(backend{host: &memory{}}, nil)
	err := p.Present(t.Context(), []issuance.Challenge{{Type: issuance.HTTP01, Name: "a.example.com"}})
	if want := "challenge: a.example.com: a dns-01 solver cannot complete a http-01 challenge"; text(err) != want {
		t.Errorf("got %v", err)
	}
}
