package dns01

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// txt are TXT values by name, behind the API of a DNS provider.
type txt struct {
	mu     sync.Mutex
	values map[string][]string
	log    []string // of requests
	wrong  []string // errors of the client
}

// all returns the records, "name value".
func (x *txt) all() (found []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for name, values := range x.values {
		for _, v := range values {
			found = append(found, name+" "+v)
		}
	}
	slices.Sort(found)
	return found
}

// reroute sends the requests for any host to one handler.
type reroute struct{ to *url.URL }

func (t reroute) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host, r.URL.Scheme, r.URL.Host = r.URL.Host, t.to.Scheme, t.to.Host
	return testTransport.RoundTrip(r)
}

var testTransport = http.DefaultTransport.(*http.Transport).Clone()

// internet returns a client whose requests all go to one handler.
func internet(t *testing.T, h http.Handler) *http.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Timeout: time.Minute, Transport: reroute{to}}
}

func solverOf(t *testing.T, text string) *cmacme.ACMEChallengeSolverDNS01 {
	t.Helper()
	var s cmacme.ACMEChallengeSolverDNS01
	if err := yaml.UnmarshalStrict([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// vault is Secrets, "name/key" to value.
type vault map[string]string

func (v vault) read(_ context.Context, name string) (map[string][]byte, error) {
	found := map[string][]byte{}
	for path, value := range v {
		if secret, key, _ := strings.Cut(path, "/"); secret == name {
			found[key] = []byte(value)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf(`secrets %q not found`, name)
	}
	return found, nil
}

// made returns the solver of a solver, or fails the test.
func made(t *testing.T, solver string, secrets vault, o Options) *dnsSolver {
	t.Helper()
	o.Resolvers = []string{"127.0.0.1:9"} // never queried
	p, err := New(t.Context(), solverOf(t, solver), secrets.read, o)
	if err != nil {
		t.Fatal(err)
	}
	return p.(*dnsSolver)
}

// recordOf returns the record of a key authorization at a name in example.com.
func recordOf(fqdn, keyAuth string) *record {
	sum := sha256.Sum256([]byte(keyAuth))
	return &record{
		name: strings.TrimSuffix(strings.TrimPrefix(fqdn, "_acme-challenge."), "."), fqdn: fqdn, seen: fqdn,
		token: "token", keyAuth: keyAuth, value: base64.RawURLEncoding.EncodeToString(sum[:]),
		zone: recordZone("example.com."),
	}
}

// tryHost makes the changes that orders make, each with a new host as in a new process: values
// are added twice and deleted one by one, and foreign values stay.
func tryHost(t *testing.T, x *txt, fresh func() host) {
	t.Helper()
	one, two := recordOf(shop, "one"), recordOf(shop, "two")
	top := recordOf("_acme-challenge.example.com.", "top")
	theirs := plain(shop) + " theirs"
	x.values = map[string][]string{plain(shop): {"theirs"}}
	check := func(title string, err error, want ...string) {
		t.Helper()
		slices.Sort(want)
		if diff := cmp.Diff(want, x.all()); err != nil || diff != "" {
			t.Fatalf("%s: %v (-want +got):\n%s", title, err, diff)
		}
	}
	name := plain(shop) + " "
	check("one", fresh().present(t.Context(), one), theirs, name+one.value)
	check("one again", fresh().present(t.Context(), one), theirs, name+one.value)
	check("two", fresh().present(t.Context(), two), theirs, name+one.value, name+two.value)
	check("another name", fresh().present(t.Context(), top), theirs, name+one.value, name+two.value, plain(top.fqdn)+" "+top.value)
	check("one goes", fresh().remove(t.Context(), one), theirs, name+two.value, plain(top.fqdn)+" "+top.value)
	check("one goes again", fresh().remove(t.Context(), one), theirs, name+two.value, plain(top.fqdn)+" "+top.value)
	check("the other name goes", fresh().remove(t.Context(), top), theirs, name+two.value)
	check("two goes", fresh().remove(t.Context(), two), theirs)
	if len(x.wrong) > 0 {
		t.Errorf("wrong requests: %q", x.wrong)
	}
}

// refusedWith returns the error of a host that rejects a credential. It must not contain any of
// the secrets.
func refusedWith(t *testing.T, p *dnsSolver, secrets vault) string {
	t.Helper()
	err := p.present(t.Context(), recordOf(shop, "one"))
	if err == nil {
		t.Fatal("a wrong credential is taken")
	}
	texts := p.secret.brief(err)
	for path, secret := range secrets {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= shortest && strings.Contains(texts, line) {
				t.Errorf("%s is reported: %s", path, texts)
			}
		}
	}
	return texts
}

func recordZone(zone string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return zone, nil }
}

// overTLS reroutes to a server with its own certificate.
func overTLS(t *testing.T, server *httptest.Server) *http.Client {
	t.Helper()
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Timeout: time.Minute, Transport: rerouteTLS{reroute{to}, server.Client().Transport}}
}

type rerouteTLS struct {
	reroute
	next http.RoundTripper
}

func (t rerouteTLS) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host, r.URL.Scheme, r.URL.Host = r.URL.Host, t.to.Scheme, t.to.Host
	return t.next.RoundTrip(r)
}
