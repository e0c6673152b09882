package resolve_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

// parsed is a file that must be accepted, without its header.
func parsed(t *testing.T, doc string) v1alpha1.Certs {
	t.Helper()
	d, err := config.Parse(nil, "certs.yaml", []byte("apiVersion: "+v1alpha1.APIVersion+"\nkind: "+v1alpha1.Kind+"\n"+doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return d.Base
}

const manyWays = `
ingressClasses: [{name: nginx-community, controller: k8s.io/ingress-nginx}, {name: public, controller: nginx.org/ingress-controller}]
issuers:
- {name: http, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [dns.example.com]}}]}}
- {name: ca, selfSigned: {}}
- {name: there, existing: true}
- {name: own, namespace: x, selfSigned: {}}
- {name: labels, acme: {server: letsencrypt, solvers: [{http01: {}}, {http01: {}, selector: {matchLabels: {a: b}}}]}}
expose:
- {name: nginx, issuer: http, host: a.example.com, className: nginx, routes: &r [{path: /, service: a, port: 80}]}
- {name: public, issuer: http, host: b.example.com, className: public, routes: *r}
- {name: community, issuer: http, host: c.example.com, className: nginx-community, routes: *r}
- {name: traefik, issuer: http, host: d.example.com, className: traefik, routes: *r}
- {name: edit, issuer: http, host: e.example.com, className: nginx, http01: edit-in-place, routes: *r}
- {name: dns, issuer: http, host: f.dns.example.com, className: nginx, routes: *r}
- {name: both, issuer: http, hosts: [g.example.com, g.dns.example.com], className: nginx, routes: *r}
- {name: vs, issuer: http, as: VirtualServer, host: h.example.com, className: nginx, routes: *r}
- {name: ca, issuer: ca, host: i.example.com, className: nginx, routes: *r}
- {name: gw, issuer: http, as: HTTPRoute, host: j.example.com, gateway: {name: gw, className: c}, routes: *r}
- {name: none, secretName: made, host: k.example.com, className: nginx, routes: *r}
- {name: there, issuer: there, host: l.example.com, className: nginx, http01: plain, routes: *r}
- {name: there-wanted, issuer: there, host: m.example.com, className: nginx, http01: mergeable, routes: *r}
- {name: own, namespace: x, issuer: own, host: n.example.com, routes: *r}
`

// TestStyle has how every way of exposing a host lets the challenge through.
func TestStyle(t *testing.T) {
	c := parsed(t, manyWays)
	x := resolve.NewIndex(&c)
	got := map[string]string{}
	for i := range c.Expose {
		e := &c.Expose[i]
		got[e.Name] = fmt.Sprintf("%v %v %q", x.Style(e), x.SolverIndexes(e), x.WhyExplicit(e))
	}
	const nginx = `"NGINX redirects the challenge until the first certificate exists"`
	want := map[string]string{
		"nginx":        "{mergeable nginx false} [0] " + nginx,
		"public":       "{mergeable public false} [0] " + nginx,
		"community":    `{plain nginx-community false} [0] ""`,
		"traefik":      `{plain traefik false} [0] ""`,
		"edit":         `{edit-in-place nginx false} [0] ""`,
		"dns":          `{  false} [1] ""`,
		"both":         "{mergeable nginx false} [0 1] " + nginx,
		"vs":           `{plain nginx false} [0] ""`,
		"ca":           `{  false} [] ""`,
		"gw":           `{  true} [0] ""`,
		"none":         `{  false} [] ""`,
		"there":        `{plain nginx false} [] ""`,
		"there-wanted": "{mergeable nginx false} [] " + nginx,
		"own":          `{  false} [] ""`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStaticHosts: hosts with a static challenge route are validated by HTTP-01,
// set explicitly or by default, and keep their style.
func TestStaticHosts(t *testing.T) {
	const file = `
issuers:
- {name: http, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [dns.example.com]}}]}}
- {name: ca, selfSigned: {}}
- {name: there, existing: true}
expose:
- {name: asked, issuer: http, host: a.example.com, className: nginx, http01: static, routes: &r [{path: /, service: a, port: 80}]}
- {name: vs, issuer: http, as: VirtualServer, host: b.example.com, http01: static, routes: *r}
- {name: gw, issuer: http, as: HTTPRoute, namespace: a, host: c.example.com, gateway: {name: gw, className: c}, http01: static, routes: *r}
- {name: open, issuer: http, host: d.example.com, className: traefik, routes: *r}
- {name: mixed, issuer: http, hosts: ["*.dns.example.com", e.example.com, e.dns.example.com, f.example.com], className: nginx, routes: *r}
- {name: dns, issuer: http, host: g.dns.example.com, routes: *r}
- {name: plain, issuer: http, host: h.example.com, http01: plain, routes: *r}
- {name: merged, issuer: http, host: i.example.com, className: nginx, http01: mergeable, routes: *r}
- {name: ca, issuer: ca, host: j.example.com, routes: *r}
- {name: there, issuer: there, host: k.example.com, className: traefik, routes: *r}
- {name: none, secretName: made, host: l.example.com, routes: *r}
`
	for responder, want := range map[string]map[string]string{
		"": {"asked": "[0] {mergeable nginx false}", "vs": "[0] {plain  false}", "gw": "[0] {  true}"},
		"responder: {default: true}\n": {
			"asked": "[0] {mergeable nginx false}", "vs": "[0] {plain  false}", "gw": "[0] {  true}",
			"open": "[0] {plain traefik false}", "mixed": "[1 3] {mergeable nginx false}",
		},
	} {
		c := parsed(t, responder+file)
		x := resolve.NewIndex(&c)
		got := map[string]string{}
		for i := range c.Expose {
			e := &c.Expose[i]
			if hosts := x.StaticHosts(e); len(hosts) > 0 {
				got[e.Name] = fmt.Sprintf("%v %v", hosts, x.Style(e))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", responder, diff)
		}
	}
}

func TestIndex(t *testing.T) {
	c := parsed(t, manyWays)
	x := resolve.NewIndex(&c)
	for _, tt := range []struct {
		namespace, name string
		want            int // -1 for none
	}{
		{"", "ca", 1}, {"x", "ca", 1}, {"x", "own", 3}, {"", "own", -1}, {"y", "own", -1}, {"", "x/own", -1}, {"", "", -1}, {"x", "", -1},
	} {
		var want *v1alpha1.Issuer
		if tt.want >= 0 {
			want = &c.Issuers[tt.want]
		}
		if got := x.Issuer(tt.namespace, tt.name); got != want {
			t.Errorf("Issuer(%q, %q) = %v, want issuers[%d]", tt.namespace, tt.name, got, tt.want)
		}
	}
	for class, want := range map[string]string{
		"nginx": "nginx.org/ssl-redirect", "nginx-2": "nginx.org/ssl-redirect", "public": "nginx.org/ssl-redirect",
		"nginx-community": "nginx.ingress.kubernetes.io/ssl-redirect", "traefik": "", "": "",
	} {
		if got := x.RedirectAnnotation(class); got != want {
			t.Errorf("RedirectAnnotation(%q) = %q, want %q", class, got, want)
		}
	}
}

// TestWhyExplicitGateway has groups of routes on one Gateway.
func TestWhyExplicitGateway(t *testing.T) {
	route := func(name, more string) string {
		return "- {name: " + name + ", host: " + name + ".example.com, as: HTTPRoute, gateway: {name: gw, className: c}, routes: [{path: /, service: a, port: 80}], " + more + "}\n"
	}
	const issuers = `
issuers:
- {name: ca, selfSigned: {}}
- {name: cb, selfSigned: {}}
- {name: labels, acme: {server: letsencrypt, solvers: [{http01: {}}, {http01: {}, selector: {matchLabels: {a: b}}}]}}
expose:
`
	for name, tt := range map[string]struct{ routes, want string }{
		"alike":           {route("a", "issuer: ca, duration: 48h") + route("b", "issuer: ca, duration: 48h"), ""},
		"labels":          {route("a", "issuer: ca, labels: {a: b}"), ""},
		"two issuers":     {route("a", "issuer: ca") + route("b", "issuer: cb"), "hosts of the Gateway request different certificates"},
		"two lifetimes":   {route("a", "issuer: ca, duration: 48h") + route("b", "issuer: ca, duration: 72h"), "hosts of the Gateway request different certificates"},
		"one asks":        {route("a", "issuer: ca") + route("b", "issuer: ca, certificate: explicit"), "a host of the Gateway has certificate: explicit"},
		"one has its own": {route("a", "issuer: ca") + route("b", "secretName: b"), "a host of the Gateway has its own Secret"},
		"one cannot":      {route("a", "issuer: ca, usages: [server auth]"), "usages cannot be changed by annotation later"},
		"labels choose":   {route("a", "issuer: labels, labels: {a: b}"), "the labels of the route select the solver"},
		"no label chosen": {route("a", "issuer: labels"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := parsed(t, issuers+tt.routes)
			members := resolve.Gateways(&c)[resolve.GatewayID{Name: "gw"}]
			if got := resolve.NewIndex(&c).WhyExplicitGateway(members); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
