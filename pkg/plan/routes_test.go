package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// TestMergeableAnnotations: every annotation is where NGINX Ingress Controller
// does not take it off again.
func TestMergeableAnnotations(t *testing.T) {
	p := parse(t, `
issuers: [{name: web, acme: {server: letsencrypt, solvers: [{http01: {}}]}}]
expose:
- name: a
  hosts: [a.example.com, b.example.com]
  className: nginx
  issuer: web
  redirect: true
  annotations:
    nginx.org/hsts: "true"
    nginx.org/proxy-read-timeout: 60s
    nginx.org/websocket-services: s
    nginx.org/rewrite-target: /x
    example.com/note: x
  routes: [{path: /, service: s, port: 80}]
`)
	got := map[string]map[string]string{}
	for _, r := range p.Routes {
		got[r.Name] = r.Annotations
	}
	master := map[string]string{
		plan.MergeableAnnotation: "master", "nginx.org/ssl-redirect": "true",
		"nginx.org/hsts": "true", "nginx.org/proxy-read-timeout": "60s", "example.com/note": "x",
	}
	minion := map[string]string{plan.MergeableAnnotation: "minion", "nginx.org/websocket-services": "s", "nginx.org/rewrite-target": "/x"}
	want := map[string]map[string]string{"a": master, "a-routes": minion, "a-b-example-com": master, "a-b-example-com-routes": minion}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTemporary has who asks for a temporary certificate first: every one whose
// challenge would be sent to https on NGINX Ingress Controller.
func TestTemporary(t *testing.T) {
	p := parse(t, `
ingressClasses: [{name: community, controller: k8s.io/ingress-nginx}]
issuers:
- {name: web, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}]}}
- {name: there, existing: true}
- {name: pca, existing: true, kind: AWSPCAClusterIssuer, group: awspca.cert-manager.io}
expose:
- {name: vs, as: VirtualServer, issuer: web, host: vs.example.com, redirect: true, routes: &r [{path: /, service: s, port: 80}]}
- {name: vs-explicit, as: VirtualServer, issuer: web, host: vse.example.com, redirect: true, certificate: explicit, routes: *r}
- {name: vs-plain, as: VirtualServer, issuer: web, host: vsp.example.com, redirect: false, routes: *r}
- {name: vs-dns, as: VirtualServer, issuer: web, host: vs.example.org, redirect: true, routes: *r}
- {name: vs-there, as: VirtualServer, issuer: there, host: vst.example.com, redirect: true, routes: *r}
- {name: vs-wild, as: VirtualServer, issuer: there, host: "*.w.example.com", redirect: true, routes: *r}
- {name: vs-pca, as: VirtualServer, issuer: pca, host: vsx.example.com, redirect: true, routes: *r}
- {name: merged, className: nginx, issuer: web, host: m.example.com, routes: *r}
- {name: merged-there, className: nginx, issuer: there, http01: mergeable, host: mt.example.com, routes: *r}
- {name: plain-there, className: nginx, issuer: there, http01: plain, redirect: true, host: pt.example.com, routes: *r}
- {name: place, className: nginx, issuer: web, http01: edit-in-place, redirect: true, certificate: explicit, host: p.example.com, routes: *r}
- {name: own, as: VirtualServer, secretName: own, host: own.example.com, redirect: true, routes: *r}
- {name: own-there, as: VirtualServer, secretName: own-there, host: ot.example.com, redirect: true, routes: *r}
- {name: own-wild, as: VirtualServer, secretName: own-wild, host: o.w.example.org, redirect: true, routes: *r}
- {name: own-plain, as: VirtualServer, secretName: own-plain, host: op.example.com, routes: *r}
- {name: own-ingress, className: community, secretName: own-ingress, host: oi.example.com, redirect: true, routes: *r}
certificates:
- {name: own, issuer: web, dnsNames: [own.example.com], annotations: {example.com/note: x}}
- {name: own-there, issuer: there, dnsNames: [ot.example.com]}
- {name: own-wild, issuer: web, dnsNames: ["*.w.example.org"]}
- {name: own-plain, issuer: web, dnsNames: [op.example.com]}
- {name: own-ingress, issuer: web, dnsNames: [oi.example.com]}
`)
	got := map[string]bool{}
	for _, n := range p.Needs {
		if n.Temporary {
			got[n.By.Kind+" "+n.By.Name] = true
		}
	}
	want := map[string]bool{
		"VirtualServer vs": true, "Certificate vs-explicit-tls": true, "VirtualServer vs-there": true, "Certificate merged-tls": true,
		"Certificate merged-there-tls": true, "Certificate place-tls": true, "Certificate own": true, "Certificate own-there": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestExplicit has every Certificate object say why there is one.
func TestExplicit(t *testing.T) {
	p := parse(t, `
issuers: [{name: web, acme: {server: letsencrypt, solvers: [{http01: {}}]}}]
expose:
- {name: asked, className: traefik, issuer: web, host: a.example.com, certificate: explicit, routes: &r [{path: /, service: s, port: 80}]}
- {name: usages, className: traefik, issuer: web, host: b.example.com, usages: [server auth], routes: *r}
- {name: both, className: traefik, issuer: web, host: c.example.com, usages: [server auth], certificate: explicit, routes: *r}
- {name: annotated, className: traefik, issuer: web, host: d.example.com, routes: *r}
- {name: merged, className: nginx, issuer: web, hosts: [e.example.com, f.example.com], routes: *r}
- {name: many, as: VirtualServer, issuer: web, hosts: [g.example.com, h.example.com], routes: *r}
certificates:
- {name: own, issuer: web, dnsNames: [i.example.com, j.example.com]}
`)
	got := map[string]string{}
	for _, c := range p.Certificates {
		got[c.Name] = c.Note
	}
	want := map[string]string{
		"asked-tls":  "a.example.com (explicit: as configured)",
		"usages-tls": "b.example.com (explicit: usages cannot be changed by annotation later)",
		"both-tls":   "c.example.com (explicit: as configured)",
		"merged-tls": "e.example.com, f.example.com (explicit: NGINX redirects the challenge until the first certificate exists)",
		"many-tls":   "g.example.com, h.example.com (explicit: a VirtualServer requests a certificate only for its own host)",
		"own":        "i.example.com, j.example.com in Secret own",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSharedHost has two teams' routes for one host of a Gateway: one listener,
// to which both may attach, and one certificate.
func TestSharedHost(t *testing.T) {
	p := parse(t, `
issuers: [{name: ca, selfSigned: {}}]
expose:
- {name: shop, namespace: b, as: HTTPRoute, gateway: &g {name: g, namespace: edge, className: c}, host: a.example.com, issuer: ca, secretName: s, routes: [{path: /, service: s, port: 80}]}
- {name: cart, namespace: a, as: HTTPRoute, gateway: *g, host: a.example.com, secretName: s, routes: [{path: /cart, service: s, port: 80}]}
- {name: edge, namespace: edge, as: HTTPRoute, gateway: *g, hosts: ["*.example.org", wildcard.example.org, http], issuer: ca, routes: [{path: /, service: s, port: 80}]}
`)
	want := []plan.Listener{
		{Name: "a.example.com", Host: "a.example.com", Secret: "s", From: []string{"a", "b"}},
		{Name: "wildcard.example.org", Host: "*.example.org", Secret: "edge-tls"},
		{Name: "host-wildcard.example.org", Host: "wildcard.example.org", Secret: "edge-tls"},
		{Name: "host-http", Host: "http", Secret: "edge-tls"},
	}
	if diff := cmp.Diff(want, p.Gateways[0].Listeners); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var secrets []string
	for _, n := range p.Needs {
		secrets = append(secrets, n.Certificate.SecretName)
	}
	if diff := cmp.Diff([]string{"s", "edge-tls"}, secrets); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	for _, r := range p.Routes {
		if r.Kind != v1alpha1.HTTPRoute || r.Gateway != (resolve.GatewayID{Namespace: "edge", Name: "g"}) {
			t.Errorf("%s is a %s on %v", r.Name, r.Kind, r.Gateway)
		}
	}
}
