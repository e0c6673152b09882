package acme

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// TestLive runs all tests against one real server, with an account each.
func TestLive(t *testing.T) {
	t.Setenv("PEBBLE_ALTERNATE_ROOTS", "1")
	l := startLive(t)
	for _, test := range []struct {
		name string
		f    func(*testing.T, *live)
	}{
		{"one name", testOneName},
		{"requests", testRequests},
		{"hundred names", testHundredNames},
		{"address", testAddress},
		{"two solvers", testTwoSolvers},
		{"dns-persist-01", testPersist},
		{"profile", testProfile},
		{"preferred chain", testPreferredChain},
		{"chain is clean", testChainIsClean},
		{"renewal", testRenewal},
		{"account", testAccount},
		{"external account", testExternalAccount},
		{"refused", testRefused},
		{"validation fails", testValidationFails},
		{"proof fails", testProofFails},
		{"journal fails", testJournalFails},
		{"cancelled", testCancelled},
		{"undecided", testUndecided},
		{"resumed", testResumed},
		{"dead orders", testDeadOrders},
		{"left behind", testLeftBehind},
		{"long list", testLongList},
		{"answers lost", testAnswersLost},
		{"server busy", testServerBusy},
		{"silent", testSilent},
		{"retry after", testRetryAfter},
		{"rate limit", testRateLimit},
		{"hopeless", testHopeless},
		{"no key in errors", testNoKey},
	} {
		t.Run(test.name, func(t *testing.T) { test.f(t, l) })
	}
}

func testOneName(t *testing.T, l *live) {
	c := l.config(t)
	c.Key = rsaKey(t)
	p384 := l.config(t)
	p384.Key = ecKey(t, elliptic.P384())
	for kind, c := range map[string]Config{"ecdsa": l.config(t), "p384": p384, "rsa": c} {
		t.Run(kind, func(t *testing.T) {
			name := kind + ".example.com"
			a, p := open(t, c), &testSolver{}
			r := l.request(t, a, name)
			r.Solver = by(issuance.HTTP01, p)
			var states []issuance.State
			var kept string
			r.Progress = func(s issuance.State) { states = append(states, s) }
			r.Ordered = func(_ context.Context, url string) error { kept = url; return nil }
			chain := issue(t, a, r)
			l.check(t, chain, name)
			if diff := cmp.Diff([]issuance.State{issuance.Ordered, issuance.Presenting, issuance.Validating, issuance.Finalizing, issuance.Issued}, states); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if kept == "" || kept != chain.Order {
				t.Errorf("order %q was kept, %q has led to the certificate", kept, chain.Order)
			}
			if len(p.presented) != 1 || !cmp.Equal(p.presented, p.taken) || p.presented[0].KeyAuthorization != p.presented[0].Token+"."+a.Thumbprint() || p.presented[0].Account != a.URL() {
				t.Errorf("presented %+v, taken back %+v", p.presented, p.taken)
			}
		})
	}
}

// testRequests counts signed requests at Pebble. RFC 8555 needs five for one name: the order, its
// authorization, the challenge, the CSR and the certificate. The others are polls. Pebble takes
// longer for an order while other tests run, so a series may be repeated.
func testRequests(t *testing.T, l *live) {
	p := l.proxy(t)
	for kind, key := range map[string]crypto.Signer{"ecdsa": ecKey(t, elliptic.P256()), "rsa": rsaKey(t)} {
		c := p.config(t, l)
		c.Key = key
		a := open(t, c)
		median := 0
		for series := 0; series < 4 && (median == 0 || median > 7); series++ {
			var each []int
			for i := range 25 {
				r := l.request(t, a, fmt.Sprintf("%s%d-%d.requests.example.com", kind, series, i))
				before := p.count("POST /")
				issue(t, a, r)
				each = append(each, p.count("POST /")-before)
			}
			slices.Sort(each)
			median = each[len(each)/2]
			t.Logf("%s: signed requests of a certificate: %d", kind, each)
		}
		if median > 7 {
			t.Errorf("%s: a certificate takes %d signed requests at the median, want at most 7", kind, median)
		}
	}
}

func testHundredNames(t *testing.T, l *live) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("n%d.many.example.com", i))
	}
	a, p := open(t, l.config(t)), &testSolver{}
	r := l.request(t, a, names...)
	r.Solver = by(issuance.HTTP01, p)
	l.check(t, issue(t, a, r), names...)
	if p.presents != 1 || len(p.presented) != 100 {
		t.Errorf("%d names are presented in %d calls, want 100 in one", len(p.presented), p.presents)
	}
}

func testAddress(t *testing.T, l *live) {
	a := open(t, l.config(t))
	l.check(t, issue(t, a, l.request(t, a, "127.0.0.1", "with-address.example.com")), "127.0.0.1", "with-address.example.com")
}

// dnsSolver writes records to the lab's DNS.
type dnsSolver struct {
	api    string
	record func(issuance.Challenge) string
}

func (p *dnsSolver) Present(ctx context.Context, cs []issuance.Challenge) error {
	return p.change(ctx, http.MethodPost, cs)
}

func (p *dnsSolver) CleanUp(ctx context.Context, cs []issuance.Challenge) error {
	return p.change(ctx, http.MethodDelete, cs)
}

func (p *dnsSolver) change(ctx context.Context, method string, cs []issuance.Challenge) error {
	var records strings.Builder
	for _, c := range cs {
		fmt.Fprintln(&records, p.record(c))
	}
	req, err := http.NewRequestWithContext(ctx, method, p.api+"/records", strings.NewReader(records.String()))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return errors.New(resp.Status)
	}
	return nil
}

// records returns the records of a name in the lab's DNS.
func (l *live) records(t *testing.T, name string) []string {
	t.Helper()
	resp, err := http.Get(l.Env["DNS_API"] + "/records")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, name+".") {
			found = append(found, line)
		}
	}
	return found
}

// testTwoSolvers: a wildcard and its base with DNS-01, another name with HTTP-01.
func testTwoSolvers(t *testing.T, l *live) {
	const web, base, wild = "web.two.example.com", "dns.two.example.com", "*.dns.two.example.com"
	a := open(t, l.config(t))
	r := l.request(t, a, web, base, wild)
	dns := &dnsSolver{api: l.Env["DNS_API"], record: func(c issuance.Challenge) string {
		digest := sha256.Sum256([]byte(c.KeyAuthorization))
		return "_acme-challenge." + c.Name + ` TXT "` + base64.RawURLEncoding.EncodeToString(digest[:]) + `"`
	}}
	var mu sync.Mutex
	var asked []string
	r.Solver = func(name string, wildcard bool, offered []string) (issuance.ChosenSolver, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, fmt.Sprint(name, " ", wildcard, " ", slices.Contains(offered, issuance.HTTP01)))
		if name == web {
			return issuance.ChosenSolver{Type: issuance.HTTP01, Solver: &testSolver{}}, nil
		}
		return issuance.ChosenSolver{Type: issuance.DNS01, Solver: dns}, nil
	}
	l.check(t, issue(t, a, r), web, base, wild)
	slices.Sort(asked)
	if diff := cmp.Diff([]string{base + " false true", base + " true false", web + " false true"}, asked); diff != "" {
		t.Errorf("requests for a solver (-want +got):\n%s", diff)
	}
	if left := l.records(t, "_acme-challenge."+base); len(left) != 0 {
		t.Errorf("left in DNS: %s", left)
	}
}

func testPersist(t *testing.T, l *live) {
	a := open(t, l.config(t))
	r := l.request(t, a, "*.persist.example.com")
	r.Solver = by(issuance.DNSPersist01, &dnsSolver{api: l.Env["DNS_API"], record: func(c issuance.Challenge) string {
		if c.Token != "" || c.KeyAuthorization != "" {
			t.Errorf("a challenge without a token has %q and %q", c.Token, c.KeyAuthorization)
		}
		return "_validation-persist." + c.Name + ` TXT "` + strings.Join(c.IssuerDomains, " ") + "; accounturi=" + c.Account + `; policy=wildcard"`
	}})
	l.check(t, issue(t, a, r), "*.persist.example.com")
}

func testProfile(t *testing.T, l *live) {
	a := open(t, l.config(t))
	r := l.request(t, a, "profile.example.com")
	r.Profile = "shortlived"
	leaf := l.check(t, issue(t, a, r), "profile.example.com")[0]
	if days := leaf.NotAfter.Sub(leaf.NotBefore).Hours() / 24; days > 7 {
		t.Errorf("a short-lived certificate lives %.0f days", days)
	}
	r.Profile = "tlsclient"
	_, err := a.Issue(t.Context(), r)
	fails(t, err, issuance.Failure{Reason: issuance.ReasonRejected, Detail: `Order includes unrecognized profile name "tlsclient" (invalidProfile); the CA offers default, shortlived`})
}

// fails compares a failure without its cause and time.
func fails(t *testing.T, err error, want issuance.Failure) *issuance.Failure {
	t.Helper()
	var f *issuance.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want %v", err, &want)
	}
	got := *f
	got.Err, got.RetryAt = nil, time.Time{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	return f
}

func testPreferredChain(t *testing.T, l *live) {
	a := open(t, l.config(t))
	names := map[string]string{} // of the roots
	for _, path := range []string{"/roots/0", "/roots/1"} {
		roots, err := pki.Parse([]byte(l.side(t, path)))
		if err != nil {
			t.Fatal(err)
		}
		names[path] = roots[0].Subject.CommonName
	}
	for want, preferred := range map[string]string{names["/roots/0"]: "", names["/roots/1"]: names["/roots/1"]} {
		r := l.request(t, a, "chain.example.com")
		r.PreferredChain = preferred
		if got := top(l.check(t, issue(t, a, r), "chain.example.com")); got != want {
			t.Errorf("the chain ends at %q, want %q", got, want)
		}
	}
	r := l.request(t, a, "chain.example.com")
	r.PreferredChain = "No Such Root"
	if got := top(l.check(t, issue(t, a, r), "chain.example.com")); got != names["/roots/0"] {
		t.Errorf("without the preferred one the chain ends at %q", got)
	}
}

// testChainIsClean: a chain is returned as PEM without any other text and without the root.
func testChainIsClean(t *testing.T, l *live) {
	root, err := pki.Parse([]byte(l.side(t, "/roots/0")))
	if err != nil {
		t.Fatal(err)
	}
	a := open(t, l.config(t))
	chain := issue(t, a, l.request(t, a, "clean.example.com"))
	certs := l.check(t, chain, "clean.example.com")
	if len(certs) != 2 || bytes.Contains(chain.PEM, []byte("\r")) {
		t.Errorf("%d certificates, want a leaf and an intermediate", len(certs))
	}
	if got := encode(append(certs, root...)); !bytes.Equal(got, chain.PEM) {
		t.Errorf("with a root it is\n%s", got)
	}
	if got := encode(root); !bytes.Contains(got, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root[0].Raw})) {
		t.Error("a lone self-signed certificate is left out")
	}
}

func testRenewal(t *testing.T, l *live) {
	a := open(t, l.config(t))
	leaf := l.check(t, issue(t, a, l.request(t, a, "ari.example.com")), "ari.example.com")[0]
	id, err := pki.RenewalID(leaf)
	if err != nil {
		t.Fatal(err)
	}
	unknown := id[:strings.Index(id, ".")] + ".AQ"
	info, err := a.RenewalInfo(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if info.Start.Before(leaf.NotBefore) || !info.End.Before(leaf.NotAfter) || time.Until(info.NextCheck).Round(time.Hour) != 6*time.Hour {
		t.Errorf("got %+v for a certificate from %s to %s", info, leaf.NotBefore, leaf.NotAfter)
	}
	if _, err := a.RenewalInfo(t.Context(), unknown); err == nil || !strings.Contains(err.Error(), "failed to retrieve existing certificate") {
		t.Errorf("of an unknown certificate: %v", err)
	}
	testReplaces(t, l, a, id, unknown)
	l.setRenewalInfo(t, leaf, `{"suggestedWindow":{"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"}}`)
	if _, err := a.RenewalInfo(t.Context(), id); err == nil || !strings.Contains(err.Error(), "implausible window") {
		t.Errorf("a window that ends before it starts: %v", err)
	}
	p := l.proxy(t)
	p.fault(fault{path: "/dir", times: 1, before: func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"newNonce":"%[1]s/nonce-plz","newAccount":"%[1]s/sign-me-up","newOrder":"%[1]s/order-plz"}`, p.server.URL)
	}})
	if _, err := open(t, p.config(t, l)).RenewalInfo(t.Context(), id); !errors.Is(err, issuance.ErrNoRenewalInfo) {
		t.Errorf("of a CA that does not tell: %v", err)
	}
}

// testReplaces: an order contains the certificate it replaces, and is created without it if the
// CA does not know that certificate, or another order replaces it.
func testReplaces(t *testing.T, l *live, a *Account, id, unknown string) {
	for i, replaces := range []string{id, id, unknown} {
		r := l.request(t, a, "ari.example.com")
		r.Replaces = replaces
		var url string
		r.Ordered = func(_ context.Context, order string) error { url = order; return nil }
		issue(t, a, r)
		o, _, err := a.look(t.Context(), url)
		if want := []string{id, "", ""}[i]; err != nil || o.Replaces != want {
			t.Errorf("order %d replaces %q, want %q; %v", i, o.Replaces, want, err)
		}
	}
}

func (l *live) setRenewalInfo(t *testing.T, leaf *x509.Certificate, info string) {
	t.Helper()
	body := fmt.Sprintf(`{"Certificate":%q,"ARIResponse":%q}`, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}), info)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.Env["ACME_MANAGEMENT"]+"/set-renewal-info/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "test")
	resp, err := l.management.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}
