package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

func TestAllowed(t *testing.T) {
	for text, want := range map[string][]string{
		"":              nil,
		"C001":          {"C001"},
		"C002, C001":    {"C002", "C001"},
		", C001 ,, , ,": {"C001"},
	} {
		if diff := cmp.Diff(want, plan.Allowed(map[string]string{v1alpha1.AllowAnnotation: text})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestGatewayNote has the note name the hosts, and leave some out only where it
// leaves out more than one.
func TestGatewayNote(t *testing.T) {
	for hosts, want := range map[string]string{
		"a.example.com": "TLS for a.example.com",
		"a.example.com, b.example.com, c.example.com":                                              "TLS for a.example.com, b.example.com, c.example.com",
		"a.example.com, b.example.com, c.example.com, d.example.com":                               "TLS for a.example.com, b.example.com, c.example.com, d.example.com",
		"a.example.com, b.example.com, c.example.com, d.example.com, e.example.com":                "TLS for a.example.com, b.example.com, c.example.com and others",
		"a.example.com, b.example.com, c.example.com, d.example.com, e.example.com, f.example.com": "TLS for a.example.com, b.example.com, c.example.com and others",
	} {
		p := parse(t, "issuers: [{name: ca, selfSigned: {}}]\nexpose: [{name: a, as: HTTPRoute, gateway: {name: g, className: c}, hosts: ["+hosts+"], issuer: ca, routes: [{path: /, service: s, port: 80}]}]\n")
		if diff := cmp.Diff(want, p.Gateways[0].Note); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestGatewayRoutes has where each HTTPRoute attaches: the redirect to plain
// HTTP, the other to the listeners of its hosts, and to plain HTTP too where it
// is served without TLS on purpose.
func TestGatewayRoutes(t *testing.T) {
	p := parse(t, `
issuers: [{name: ca, selfSigned: {}}]
expose:
- {name: redirected, as: HTTPRoute, gateway: &g {name: g, className: c}, host: a.example.com, issuer: ca, redirect: true, routes: &r [{path: /, service: s, port: 80}, {path: /b, service: b, port: 80}, {path: /c, service: s, port: 81}]}
- {name: plain, as: HTTPRoute, gateway: *g, host: b.example.com, issuer: ca, redirect: false, routes: *r}
- {name: open, as: HTTPRoute, gateway: *g, host: c.example.com, issuer: ca, routes: *r}
`)
	type route struct {
		Name, Note, Secret string
		Paths              int
		Redirect           bool
		Listeners          []string
	}
	var got []route
	for _, r := range p.Routes {
		got = append(got, route{r.Name, r.Note, r.Secret, len(r.Paths), r.Redirect, r.Listeners})
	}
	want := []route{
		{"redirected", "a.example.com → s, b; TLS in Secret redirected-tls", "redirected-tls", 3, false, []string{"a.example.com"}},
		{"redirected-redirect", "a.example.com: redirects plain HTTP to HTTPS", "", 0, true, []string{"http"}},
		{"plain", "b.example.com → s, b; TLS in Secret plain-tls", "plain-tls", 3, false, []string{"b.example.com", "http"}},
		{"open", "c.example.com → s, b; TLS in Secret open-tls", "open-tls", 3, false, []string{"c.example.com"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGatewayCertificates has what an explicit Certificate of a Gateway says:
// the Gateway that challenges are attached to, where there may be some, and why
// it is explicit.
func TestGatewayCertificates(t *testing.T) {
	p := parse(t, `
issuers:
- {name: web, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}]}}
- {name: there, existing: true}
- {name: ca, selfSigned: {}}
expose:
- {name: http, as: HTTPRoute, gateway: &g {name: g, className: c}, host: a.example.com, issuer: web, renewBeforePercentage: 40, routes: &r [{path: /, service: s, port: 80}]}
- {name: dns, as: HTTPRoute, gateway: *g, host: a.example.org, issuer: web, renewBeforePercentage: 30, routes: *r}
- {name: there, as: HTTPRoute, gateway: *g, host: b.example.com, issuer: there, routes: *r}
- {name: ca, as: HTTPRoute, gateway: *g, host: c.example.com, issuer: ca, routes: *r}
- {name: own, as: HTTPRoute, gateway: *g, host: d.example.com, secretName: own, routes: *r}
`)
	got := map[string]string{}
	for _, c := range p.Certificates {
		got[c.Name] = pairs(c.Annotations)
	}
	const parent = "acme.cert-manager.io/http01-parentrefkind=Gateway acme.cert-manager.io/http01-parentrefname=g"
	want := map[string]string{"http-tls": parent, "dns-tls": "", "there-tls": parent, "ca-tls": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
