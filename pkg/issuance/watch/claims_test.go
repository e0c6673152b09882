package watch

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// claimSnapshot watches all namespaces.
func claimSnapshot(grants ...Grant) *Snapshot { return NewSnapshot(nil, nil, "", grants) }

// see adds the objects of a stream as a watch does.
func (w *Snapshot) see(t *testing.T, yaml string) {
	t.Helper()
	for _, o := range parseAll(t, yaml) {
		w.index.set(summarize(o))
	}
}

func parseAll(t *testing.T, yaml string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func issuerYAML(kind, namespace, name string) string {
	meta := "name: " + name
	if namespace != "" {
		meta += ", namespace: " + namespace
	}
	return fmt.Sprintf("---\n{apiVersion: cert-manager.io/v1, kind: %s, metadata: {%s}, spec: {acme: {server: https://ca.example.com/dir, privateKeySecretRef: {name: %s}, solvers: [{http01: {}}]}}}\n", kind, meta, name)
}

func certificateYAML(namespace, name, kind, issuer string, hosts ...string) string {
	return fmt.Sprintf("---\n{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %s, namespace: %s}, spec: {secretName: %s-tls, dnsNames: [%q], issuerRef: {kind: %s, name: %s}}}\n",
		name, namespace, name, strings.Join(hosts, `", "`), kind, issuer)
}

func ingressYAML(namespace, name, host string) string {
	return fmt.Sprintf("---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: %s, namespace: %s}, spec: {rules: [{host: %q}]}}\n", name, namespace, host)
}

const sharedGateway = `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: infra}
spec:
  listeners:
  - {name: web, port: 443, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}}
`

const httpRouteYAML = `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec: {hostnames: [shop.example.com], parentRefs: [{name: web, namespace: infra}]}
`

const delegatedRoute = `---
apiVersion: k8s.nginx.org/v1
kind: VirtualServer
metadata: {name: shop, namespace: infra}
spec: {host: shop.example.com, routes: [{path: /tea, route: shop/tea}]}
---
apiVersion: k8s.nginx.org/v1
kind: VirtualServerRoute
metadata: {name: tea, namespace: shop}
spec: {host: shop.example.com}
`

func TestClaims(t *testing.T) {
	const host = "shop.example.com"
	ours := issuerYAML("Issuer", "shop", "own") + certificateYAML("shop", "shop", "Issuer", "own", host)
	theirs := issuerYAML("Issuer", "other", "own") + certificateYAML("other", "grab", "Issuer", "own", host)
	shared := issuerYAML("ClusterIssuer", "", "ca") + certificateYAML("infra", "shop", "ClusterIssuer", "ca", host)
	const waiting = "waiting for a route: no Ingress, VirtualServer, Gateway listener or HTTPRoute has host shop.example.com; " +
		"add one in namespace shop, or allow the host with run --allow-host shop=shop.example.com"
	const refused = "refused: host shop.example.com is routed in namespace shop, not in other; allow it with run --allow-host other=shop.example.com"
	grant := func(namespace, host string) []Grant { return []Grant{{namespace, host}} }
	for _, tt := range []struct {
		name, objects string
		grants        []Grant
		claims        string // issuers that may validate the host
		ref           issuance.Ref
		refusal       string
	}{
		{"an issuer with an account and no request", issuerYAML("Issuer", "other", "own") + ingressYAML("shop", "shop", host), nil, "", issuance.Ref{}, ""},
		{"Certificate with its Ingress", ours + ingressYAML("shop", "shop", host), nil, "Issuer shop/own", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, ""},
		{"Certificate before its route", ours, nil, "", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, waiting},
		{"a foreign Certificate for a routed host", ours + theirs + ingressYAML("shop", "shop", host), nil, "Issuer shop/own", issuance.Ref{Namespace: "other", Name: "grab-tls"}, refused},
		{"a foreign Certificate first", theirs + ours + ingressYAML("shop", "shop", host), nil, "Issuer shop/own", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, ""},
		{"a foreign Certificate with a grant", theirs + ingressYAML("shop", "shop", host), grant("other", host), "Issuer other/own", issuance.Ref{Namespace: "other", Name: "grab-tls"}, ""},
		{"a grant for a wildcard", theirs, grant("other", "*.Example.com"), "Issuer other/own", issuance.Ref{Namespace: "other", Name: "grab-tls"}, ""},
		{"a grant for another namespace", theirs + ingressYAML("shop", "shop", host), grant("third", host), "", issuance.Ref{Namespace: "other", Name: "grab-tls"}, refused},
		{"Certificate beside a shared Gateway", shared + sharedGateway + httpRouteYAML, nil, "ClusterIssuer ca", issuance.Ref{Namespace: "infra", Name: "shop-tls"}, ""},
		{"Certificate beside the HTTPRoute of a shared Gateway", ours + sharedGateway + httpRouteYAML, nil, "Issuer shop/own", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, ""},
		{"an HTTPRoute without the Gateway", ours + httpRouteYAML, nil, "", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, waiting},
		{"delegated VirtualServerRoute", ours + shared + delegatedRoute, nil, "ClusterIssuer ca, Issuer shop/own", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, ""},
		{"a host in upper case", issuerYAML("Issuer", "shop", "own") + certificateYAML("shop", "shop", "Issuer", "own", "Shop.Example.com") + ingressYAML("shop", "shop", "SHOP.example.com"), nil, "Issuer shop/own", issuance.Ref{Namespace: "shop", Name: "shop-tls"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := claimSnapshot(tt.grants...)
			w.see(t, tt.objects)
			if diff := cmp.Diff(tt.claims, claimed(w, host)); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			if tt.ref.Name == "" {
				return
			}
			if diff := cmp.Diff(tt.refusal, w.Refusal(tt.ref, host)); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

// claimed lists the issuers that may validate a host.
func claimed(w *Snapshot, host string) string {
	var keys []string
	for _, issuer := range w.Claims(host) {
		keys = append(keys, issuer.Key().String())
	}
	return strings.Join(keys, ", ")
}

// TestClaimsOfTheOperator: requests from -f or -k need no route, nor do requests of a single
// watched namespace. The cluster's version of an object does not replace the operator's.
func TestClaimsOfTheOperator(t *testing.T) {
	const host = "shop.example.com"
	objects := issuerYAML("Issuer", "shop", "own") + certificateYAML("shop", "shop", "Issuer", "own", host)
	given := claimSnapshot()
	given.Add(parseAll(t, objects))
	if got := claimed(given, host); got != "Issuer shop/own" {
		t.Errorf("given: claimed by %q", got)
	}
	given.see(t, objects)
	given.see(t, certificateYAML("shop", "shop", "Issuer", "other", host)+issuerYAML("Issuer", "shop", "other"))
	if got := claimed(given, host); got != "Issuer shop/own" {
		t.Errorf("with the cluster's version: claimed by %q", got)
	}
	if got := given.Refusal(issuance.Ref{Namespace: "shop", Name: "shop-tls"}, host); got != "" {
		t.Errorf("with the cluster's version: %s", got)
	}
	one := NewSnapshot(nil, nil, "shop", nil)
	one.see(t, objects)
	if got := claimed(one, host); got != "Issuer shop/own" {
		t.Errorf("one namespace: claimed by %q", got)
	}
}

// TestClaimsUnderWay: if two accounts may validate a host, the one with an order in progress
// comes first.
func TestClaimsUnderWay(t *testing.T) {
	const host = "shop.example.com"
	w := claimSnapshot()
	w.see(t, ingressYAML("shop", "shop", host)+
		issuerYAML("Issuer", "shop", "a")+certificateYAML("shop", "one", "Issuer", "a", host)+
		issuerYAML("Issuer", "shop", "b")+certificateYAML("shop", "two", "Issuer", "b", host))
	for _, name := range []string{"one-tls", "two-tls", "one-tls"} {
		ref := issuance.Ref{Namespace: "shop", Name: name}
		w.index.journal(ref, &issuance.Journal{Order: "https://ca.example.com/order/1", Version: "1"})
		want := map[string]string{"one-tls": "Issuer shop/a, Issuer shop/b", "two-tls": "Issuer shop/b, Issuer shop/a"}[name]
		if diff := cmp.Diff(want, claimed(w, host)); diff != "" {
			t.Errorf("with an order for %s (-want +got):\n%s", name, diff)
		}
		w.index.journal(ref, nil)
	}
}

// TestRoutesConcern: a new or deleted route affects the Secrets requested for its hosts, so
// that waiting ones are ordered.
func TestRoutesConcern(t *testing.T) {
	w := claimSnapshot()
	w.see(t, issuerYAML("Issuer", "shop", "own")+certificateYAML("shop", "a", "Issuer", "own", "a.example.com")+certificateYAML("shop", "b", "Issuer", "own", "b.example.com"))
	refs := func(r *objectSummary) []string {
		var names []string
		for _, ref := range w.index.set(r) {
			names = append(names, ref.Name)
		}
		slices.Sort(names)
		return names
	}
	ingress := summarize(parseAll(t, ingressYAML("shop", "one", "a.example.com"))[0])
	gateway := summarize(parseAll(t, sharedGateway)[0])
	for _, tt := range []struct {
		name string
		set  *objectSummary
		want []string
	}{
		{"an Ingress comes", ingress, []string{"a-tls"}},
		{"it stays as it is", ingress, nil},
		{"it goes", ingress.deleted().(*objectSummary), []string{"a-tls"}},
		{"a Gateway comes", gateway, []string{"a-tls", "b-tls"}},
		{"it goes", gateway.deleted().(*objectSummary), []string{"a-tls", "b-tls"}},
	} {
		if diff := cmp.Diff(tt.want, refs(tt.set)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestResponderModel runs random sequences of issuers, requests and routes in some namespaces
// and checks every answer of the responder: a token is answered with an account's thumbprint
// only if a namespace that routes the host, or has a grant for it, requested the host from that
// account. If there are such accounts, one of them answers.
func TestResponderModel(t *testing.T) {
	const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		m := newModel(random)
		r := responder.Responder{Thumbprints: m.thumbprints}
		for range 60 {
			m.step(t)
			end := m.order(t, &r, token)
			for _, host := range m.hosts {
				w := httptest.NewRecorder()
				r.ServeHTTP(w, httptest.NewRequest("GET", "http://"+host+responder.Path+token, nil))
				answer, _ := strings.CutPrefix(w.Body.String(), token+".")
				if w.Code != 200 {
					answer = ""
				}
				if legal := m.legal(host); answer == "" && len(legal) > 0 || answer != "" && !slices.Contains(legal, answer) {
					t.Fatalf("%s is answered with %q, want one of %q after\n%s", host, answer, legal, strings.Join(m.log, ""))
				}
			}
			end()
		}
	}
}

// model is a cluster as lists of facts, and the Snapshot that reads it.
type model struct {
	*rand.Rand
	snapshot          *Snapshot
	namespaces, hosts []string
	grants            []Grant
	// routes are namespace/host and requests namespace/host/issuer, by object.
	routes, requests map[string]string
	issuers          map[string]bool
	log              []string
}

func newModel(random *rand.Rand) *model {
	m := &model{
		Rand: random, namespaces: []string{"a", "b", "c"}, hosts: []string{"one.example.com", "two.example.com"},
		routes: map[string]string{}, requests: map[string]string{}, issuers: map[string]bool{},
	}
	if m.IntN(3) == 0 {
		m.grants = []Grant{{m.any(m.namespaces), m.any(m.hosts)}}
	}
	m.snapshot = claimSnapshot(m.grants...)
	m.log = []string{fmt.Sprintf("grants %v\n", m.grants)}
	return m
}

func (m *model) any(of []string) string { return of[m.IntN(len(of))] }

// step creates, changes or deletes an object.
func (m *model) step(t *testing.T) {
	namespace, host, name := m.any(m.namespaces), m.any(m.hosts), m.any([]string{"x", "y"})
	gone := m.IntN(3) == 0
	switch m.IntN(3) {
	case 0:
		m.set(t, ingressYAML(namespace, name, host), gone)
		record(m.routes, namespace+"/"+name, namespace+" "+host, gone)
	case 1:
		kind, of := "Issuer", namespace
		if m.IntN(2) == 0 {
			kind, of = "ClusterIssuer", ""
		}
		m.set(t, issuerYAML(kind, of, name), gone)
		if key := (plan.IssuerKey{Kind: kind, Namespace: of, Name: name}).String(); gone {
			delete(m.issuers, key)
		} else {
			m.issuers[key] = true
		}
	case 2:
		kind, issuer := "Issuer", m.any([]string{"x", "y"})
		key := plan.IssuerKey{Kind: kind, Namespace: namespace, Name: issuer}
		if m.IntN(2) == 0 {
			kind = "ClusterIssuer"
			key = plan.IssuerKey{Kind: kind, Name: issuer}
		}
		m.set(t, certificateYAML(namespace, name, kind, issuer, host), gone)
		record(m.requests, namespace+"/"+name, namespace+" "+host+" "+key.String(), gone)
	}
}

func record(facts map[string]string, object, fact string, gone bool) {
	if delete(facts, object); !gone {
		facts[object] = fact
	}
}

func (m *model) set(t *testing.T, yaml string, gone bool) {
	t.Helper()
	r := summarize(parseAll(t, yaml)[0])
	if gone {
		r = r.deleted().(*objectSummary)
	}
	m.snapshot.index.set(r)
	m.log = append(m.log, fmt.Sprintf("gone %v %s", gone, yaml))
}

// legal returns the accounts that may answer for a host. An account has the name of its issuer.
func (m *model) legal(host string) []string {
	var legal []string
	for _, request := range m.requests {
		namespace, rest, _ := strings.Cut(request, " ")
		requested, issuer, _ := strings.Cut(rest, " ")
		owns := slices.Contains(m.grants, Grant{namespace, host})
		for _, route := range m.routes {
			owns = owns || route == namespace+" "+host
		}
		if requested == host && owns && m.issuers[issuer] {
			legal = append(legal, issuer)
		}
	}
	return legal
}

// order places an order for one of a tenant's hosts with a token chosen by the tenant's CA, and
// returns a function that ends it.
func (m *model) order(t *testing.T, r *responder.Responder, token string) (end func()) {
	t.Helper()
	host := m.any(m.hosts)
	legal := m.legal(host)
	if len(legal) == 0 {
		return func() {}
	}
	issuer := m.any(legal)
	m.log = append(m.log, "order of "+issuer+" for "+host+"\n")
	challenges := []issuance.Challenge{{Name: host, Token: token, KeyAuthorization: token + "." + issuer}}
	solver := responder.HTTP{Responder: r}
	if err := solver.Present(t.Context(), challenges); err != nil {
		t.Fatal(err)
	}
	return func() { _ = solver.CleanUp(t.Context(), challenges) }
}

func (m *model) thumbprints(host string) []string {
	var thumbprints []string
	for _, issuer := range m.snapshot.Claims(host) {
		thumbprints = append(thumbprints, issuer.Key().String())
	}
	return thumbprints
}

func TestParseGrant(t *testing.T) {
	const refused = "must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com"
	for text, want := range map[string]Grant{
		"shop=www.example.com":   {Namespace: "shop", Host: "www.example.com"},
		"shop=WWW.example.com":   {Namespace: "shop", Host: "WWW.example.com"},
		"shop=*.example.com":     {Namespace: "shop", Host: "*.example.com"},
		"shop=192.0.2.1":         {Namespace: "shop", Host: "192.0.2.1"},
		"shop=2001:db8::1":       {Namespace: "shop", Host: "2001:db8::1"},
		"shop":                   {},
		"shop=":                  {},
		"=www.example.com":       {},
		"shop=a_b":               {},
		"shop=*":                 {},
		"shop=*.*.example.com":   {},
		"a.b=www.example.com":    {},
		"shop=www.example.com=x": {},
	} {
		got, err := ParseGrant(text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if refuses := want == (Grant{}); refuses != (err != nil) || err != nil && err.Error() != refused {
			t.Errorf("%s: %v", text, err)
		}
	}
}
