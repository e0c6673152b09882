package dns01

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/challenge/dns01"
	"github.com/go-acme/lego/v4/providers/dns/httpreq"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// httpreqs is the endpoint of lego's provider httpreq, which gets the names and values that
// other providers of lego would write.
func httpreqs(t *testing.T, w *testDNS, servers ...*authority) (endpoint string, texts func() []string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var in struct{ Fqdn, Value string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		user, password, _ := r.BasicAuth()
		mu.Lock()
		defer mu.Unlock()
		all = append(all, strings.TrimSpace(user+" "+password)+r.URL.Path+" "+in.Fqdn)
		for _, s := range servers {
			s.add(in.Fqdn + " TXT " + in.Value)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string { mu.Lock(); defer mu.Unlock(); return sorted(all) }
}

// legoByName replaces package process, in this process.
func legoByName(_ context.Context, name string, variables map[string]string) (Provider, error) {
	if name != "httpreq" {
		return nil, errors.New("no such provider")
	}
	config := httpreq.NewDefaultConfig()
	config.Username, config.Password = variables["HTTPREQ_USERNAME"], variables["HTTPREQ_PASSWORD"]
	if strings.Contains(variables["HTTPREQ_ENDPOINT"], "bad") {
		return nil, fmt.Errorf("failed to read base64 value %s", config.Password)
	}
	var err error
	config.Endpoint, err = url.Parse(variables["HTTPREQ_ENDPOINT"])
	if err != nil {
		return nil, err
	}
	p, err := httpreq.NewDNSProviderConfig(config)
	return inProcess{p}, err
}

// inProcess is a provider of lego in this process.
type inProcess struct{ challenge.ProviderTimeout }

func (p inProcess) Present(ctx context.Context, r Record) error {
	return CallLego(ctx, r, p.ProviderTimeout.Present)
}

func (p inProcess) CleanUp(ctx context.Context, r Record) error {
	return CallLego(ctx, r, p.ProviderTimeout.CleanUp)
}

func (p inProcess) Traits() Traits {
	wait, _ := p.Timeout()
	return Traits{Timeout: wait}
}

const byNameSolver = "webhook: {groupName: lego.kubectl-certs.dev, solverName: httpreq, config: {secretName: dns}}"

// TestConcurrentLegoAccounts: two issuers with different accounts have one order each, with shared and separate
// names and different CNAME strategies, at the same time, with an environment that allows lego
// to query by TCP.
func TestConcurrentLegoAccounts(t *testing.T) {
	t.Setenv("LEGO_EXPERIMENTAL_DNS_TCP_ONLY", "true")
	w := newTestDNS(t, twoServers+`
_acme-challenge.b.example.com. CNAME other.acme.example.org.
_acme-challenge.c.example.com. CNAME _acme-challenge.c.example.org.
example.org. SOA a. b. 1 1 1 1 1
example.org. NS ns1.example.net.
`)
	first, second := w.serve(2, ""), w.serve(3, "")
	var all sync.WaitGroup
	for _, c := range []struct {
		user, strategy string
		want           []string
	}{
		{"me", "Follow", []string{"_acme-challenge.a.example.com.", "_acme-challenge.c.example.org.", "other.acme.example.org.", "other.acme.example.org."}},
		{"you", "None", []string{"_acme-challenge.a.example.com.", "_acme-challenge.b.example.com.", "_acme-challenge.b.example.com.", "_acme-challenge.c.example.com."}},
	} {
		endpoint, texts := httpreqs(t, w, first, second)
		secrets := vault{"dns/HTTPREQ_ENDPOINT": endpoint, "dns/HTTPREQ_USERNAME": c.user, "dns/HTTPREQ_PASSWORD": "s3cr3t-" + c.user + "\n"}
		o := w.options()
		o.ByName = legoByName
		none := time.Duration(0)
		o.WaitInstead = &none // with None, b and c are never visible
		p, err := New(t.Context(), solverOf(t, byNameSolver+"\ncnameStrategy: "+c.strategy), secrets.read, o)
		if err != nil {
			t.Fatal(err)
		}
		order := challenges("a.example.com", "b.example.com", "*.b.example.com", "c.example.com")
		all.Go(func() {
			if err := errors.Join(p.Present(t.Context(), order), p.CleanUp(t.Context(), order)); err != nil {
				t.Error(err)
			}
			var want []string
			for _, fqdn := range c.want {
				for _, path := range []string{"/cleanup", "/present"} {
					want = append(want, c.user+" s3cr3t-"+c.user+path+" "+fqdn)
				}
			}
			if diff := cmp.Diff(sorted(want), texts()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.user, diff)
			}
		})
	}
	all.Wait()
}

// TestCallsForOneDomainAreSerialized: two calls for one domain with different names to write at are serialized, calls
// for other domains are not.
func TestCallsForOneDomainAreSerialized(t *testing.T) {
	register := func(ctx context.Context, domain, fqdn string) (func(), error) {
		return legoServer.register(ctx, domain, fqdn, "example.com.")
	}
	leave, err := register(t.Context(), "x.example.com", "_acme-challenge.x.example.com.")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := register(ctx, "x.example.com", "elsewhere.example.com."); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	also, err := register(t.Context(), "y.example.com", "elsewhere.example.com.")
	if err != nil {
		t.Fatal(err)
	}
	defer also()
	at := func(domain string) string { return dns01.GetChallengeInfo(domain, "key").EffectiveFQDN }
	if got := at("x.example.com") + " " + at("y.example.com"); got != "_acme-challenge.x.example.com. elsewhere.example.com." {
		t.Errorf("got %s", got)
	}
	if zone, err := dns01.FindZoneByFqdn("a.b.example.com."); zone != "example.com." || err != nil {
		t.Errorf("zone %s, %v", zone, err)
	}
	leave()
	again, err := register(t.Context(), "x.example.com", "elsewhere.example.com.")
	if err != nil {
		t.Fatal(err)
	}
	defer again()
	if got := at("x.example.com"); got != "elsewhere.example.com." {
		t.Errorf("got %s", got)
	}
	if zone, err := dns01.FindZoneByFqdn("a.example.org."); err == nil {
		t.Errorf("knows the zone %s", zone)
	}
}

// TestCNAMEsSwitchedOff: lego's environment variable that changes where it writes is an error,
// and stays set.
func TestCNAMEsSwitchedOff(t *testing.T) {
	t.Setenv("LEGO_DISABLE_CNAME_SUPPORT", "true")
	write := func(string, string, string) error { t.Error("wrote"); return nil }
	r := Record{Domain: "x.example.com", FQDN: "elsewhere.example.com.", Zone: "example.com."}
	err := CallLego(t.Context(), r, write)
	want := "lego would write at _acme-challenge.x.example.com., not at elsewhere.example.com.: unset LEGO_DISABLE_CNAME_SUPPORT if it is set"
	if text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if got := os.Getenv("LEGO_DISABLE_CNAME_SUPPORT"); got != "true" {
		t.Errorf("the variable is now %q", got)
	}
}

// TestByNameErrors: errors of a provider's library are returned without secrets.
func TestByNameErrors(t *testing.T) {
	o := Options{Resolvers: []string{"127.0.0.1:9"}, ByName: legoByName}
	_, err := New(t.Context(), solverOf(t, byNameSolver), vault{"dns/HTTPREQ_ENDPOINT": "bad", "dns/HTTPREQ_PASSWORD": "s3cr3t"}.read, o)
	if want := "solver: dns01: failed to read base64 value ***"; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if f := (*issuance.Failure)(nil); !errors.As(err, &f) || f.Reason != issuance.ReasonSolver {
		t.Errorf("%v is not a failure of a solver", err)
	}
}

// TestByNameDefaults: such hosts get one change at a time and the timeout they request.
func TestByNameDefaults(t *testing.T) {
	p, err := legoByName(t.Context(), "httpreq", map[string]string{"HTTPREQ_ENDPOINT": "http://127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	b := byName("hetzner", p)
	if b.name != "Hetzner" || !b.serial || b.single || b.timeout != time.Minute {
		t.Errorf("%+v", b)
	}
}
