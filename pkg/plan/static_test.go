package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// TestStatic has the permanent routes of every way to expose a host.
func TestStatic(t *testing.T) {
	p := parse(t, `
ingressClasses: [{name: community, controller: k8s.io/ingress-nginx}]
responder: {namespace: edge, service: acme, port: 8080, default: true}
issuers:
- {name: web, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}]}}
expose:
- {name: plain, namespace: a, issuer: web, hosts: ["*.example.org", a.example.com, a.example.org, b.example.com], className: traefik, annotations: {x: y}, labels: {l: v}, routes: &r [{path: /, service: s, port: 80}]}
- {name: community, namespace: a, issuer: web, host: c.example.com, className: community, routes: *r}
- {name: merged, namespace: a, issuer: web, hosts: [d.example.org, d.example.com, e.example.com], className: nginx, routes: *r}
- {name: vs, issuer: web, as: VirtualServer, hosts: [f.example.com, f.example.org], className: nginx, redirect: true, routes: *r}
- {name: gw, namespace: edge, issuer: web, as: HTTPRoute, hosts: [g.example.com, g.example.org], gateway: {name: own, className: c}, routes: *r}
- {name: gw2, namespace: a, issuer: web, as: HTTPRoute, hosts: [h.example.com], gateway: {name: far, namespace: infra, className: c}, routes: *r}
- {name: gw3, namespace: a, issuer: web, as: HTTPRoute, hosts: [i.example.com], http01: plain, gateway: {name: none, className: c}, routes: *r}
- {name: dns, namespace: a, issuer: web, host: j.example.org, className: traefik, routes: *r}
`)
	got, challenges := map[string]string{}, map[string]string{}
	for _, r := range p.Routes {
		if r.Challenges != "" {
			challenges[r.Name] = r.Challenges
		}
		if !r.IsStatic() {
			continue
		}
		path := r.Paths[0]
		if r.Namespace != "edge" || len(r.Labels) != 1 || r.Secret != "" || r.Request != nil || path.Path != v1alpha1.ChallengePath || path.Service != "acme" || path.Port.IntVal != 8080 {
			t.Errorf("%s is %+v", r.Name, r)
		}
		got[string(r.Kind)+" "+r.Name] = strings.Join([]string{
			r.Class, strings.Join(r.Hosts, " "), string(path.PathType), r.Annotations[plan.MergeableAnnotation], r.Gateway.Name, strings.Join(r.Listeners, " "),
		}, ",")
	}
	want := map[string]string{
		"Ingress a.plain":                "traefik,a.example.com b.example.com,,,,",
		"Ingress a.community":            "community,c.example.com,ImplementationSpecific,,,",
		"Ingress a.merged-d-example-com": "nginx,d.example.com,,minion,,",
		"Ingress a.merged-e-example-com": "nginx,e.example.com,,minion,,",
		"VirtualServerRoute vs":          "nginx,f.example.com,,,,",
		"HTTPRoute edge.gw":              ",g.example.com,,,own,http",
		"HTTPRoute a.gw2":                ",h.example.com,,,far,http",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"vs": "edge/vs"}, challenges); diff != "" {
		t.Errorf("VirtualServers (-want +got):\n%s", diff)
	}
	gateways := map[string]string{}
	for _, g := range p.Gateways {
		gateways[g.Name] = g.Challenges
	}
	if diff := cmp.Diff(map[string]string{"own": "", "far": "edge", "none": ""}, gateways); diff != "" {
		t.Errorf("Gateways (-want +got):\n%s", diff)
	}
	temporary := map[string]bool{}
	for _, n := range p.Needs {
		temporary[n.Certificate.SecretName] = n.Temporary
	}
	wantTemporary := map[string]bool{"plain-tls": false, "community-tls": false, "merged-tls": true, "vs-tls": true, "gw-tls": false, "gw2-tls": false, "gw3-tls": false, "dns-tls": false}
	if diff := cmp.Diff(wantTemporary, temporary); diff != "" {
		t.Errorf("temporary certificates (-want +got):\n%s", diff)
	}
	service := plan.Responder{Object: plan.Object{
		Namespace: "edge", Name: "acme", Labels: map[string]string{v1alpha1.StaticLabel: "static", "app.kubernetes.io/name": "certs-responder"},
		Note: "serves the HTTP-01 challenges of all hosts",
	}, Port: 8080}
	if p.Responder == nil || cmp.Diff(service, *p.Responder) != "" {
		t.Errorf("responder is %+v", p.Responder)
	}
}

// TestNoResponder: what no route leads to is not written.
func TestNoResponder(t *testing.T) {
	p := parse(t, `
responder: {default: true}
issuers: [{name: web, acme: {server: letsencrypt, solvers: [{dns01: {cloudDNS: {project: a}}}]}}]
expose: [{name: a, issuer: web, host: a.example.com, routes: [{path: /, service: s, port: 80}]}]
`)
	if p.Responder != nil || len(p.Routes) != 1 {
		t.Errorf("planned %+v for %+v", p.Responder, p.Routes)
	}
}
