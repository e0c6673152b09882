package config

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

const twoSites = `
issuers:
- name: le
  labels: {team: web, tier: edge}
  acme:
    server: letsencrypt
    email: ops@example.com
    externalAccountBinding: {keyID: kid, keySecretRef: {name: eab, key: key}}
    solvers:
    - http01: {ingressClassName: nginx}
    - http01: {class: nginx}
      selector: {dnsNames: [b.example.com]}
    - http01: {ingress: {class: nginx}}
      selector: {dnsNames: [c.example.com]}
    - http01: {ingress: {ingressClassName: nginx}}
      selector: {dnsNames: [d.example.com]}
    - http01: {}
      selector: {dnsNames: [e.example.com]}
    - {dns01: {webhook: {groupName: a, solverName: b, config: {keep: 1, drop: 2, null: null, deep: {x: 1, y: 2}}}}, selector: {dnsZones: [example.org]}}
- {name: ca, namespace: shop, selfSigned: {}}
expose:
- name: web
  namespace: shop
  host: www.example.com
  className: nginx
  issuer: le
  duration: 2160h
  commonName: www.example.com
  labels: {app: web}
  routes: [{path: /, service: web, port: 80}]
- name: api
  namespace: shop
  hosts: [api.example.com, "*.api.example.org", example.com]
  issuer: le
  routes: [{path: /, service: api, port: 80}]
- name: gw
  host: gw.example.com
  as: HTTPRoute
  gateway: {name: edge, className: eg}
  secretName: gw
  routes: [{path: /, service: gw, port: 80}]
certificates:
- {name: db, namespace: shop, issuer: ca, dnsNames: [db.example.com, db.internal], commonName: db.example.com, secretTemplate: {labels: {a: b}}}
- {name: ip, namespace: shop, issuer: ca, ipAddresses: [192.0.2.1]}
`

// TestEnvironments has for every kind of change what becomes of the file.
func TestEnvironments(t *testing.T) {
	for name, tt := range map[string]struct {
		override string
		change   func(*v1alpha1.Certs) // of the file above
	}{
		"no change": {"{}", func(*v1alpha1.Certs) {}},
		"a value deep down": {"{issuers: {le: {acme: {server: letsencrypt-staging}}}}", func(c *v1alpha1.Certs) {
			c.Issuers[0].ACME.Server = v1alpha1.Servers["letsencrypt-staging"]
		}},
		"maps merge, null removes": {"{issuers: {le: {labels: {tier: null, env: dev}, acme: {email: null, externalAccountBinding: {keyID: other}}}}}", func(c *v1alpha1.Certs) {
			c.Issuers[0].Labels = map[string]string{"team": "web", "env": "dev"}
			c.Issuers[0].ACME.Email = ""
			c.Issuers[0].ACME.ExternalAccountBinding.KeyID = "other"
		}},
		"null removes a map": {"{issuers: {le: {labels: null, acme: {externalAccountBinding: null}}}}", func(c *v1alpha1.Certs) {
			c.Issuers[0].Labels, c.Issuers[0].ACME.ExternalAccountBinding = nil, nil
		}},
		"null removes what is not there": {"{expose: {web: {annotations: {a: null}, privateKey: {size: null}, redirect: null}}}", func(c *v1alpha1.Certs) {
			c.Expose[0].Annotations = map[string]string{}
			c.Expose[0].PrivateKey = parsed(t, "expose: [{name: a, host: a.b, secretName: a, issuer: a, privateKey: {}, routes: [{path: /, service: a, port: 80}]}]\nissuers: [{name: a, selfSigned: {}}]").Base.Expose[0].PrivateKey
		}},
		"another type": {"{issuers: {shop/ca: {selfSigned: null, ca: {secretName: root}}}}", func(c *v1alpha1.Certs) {
			other := parsed(t, "issuers: [{name: ca, namespace: shop, ca: {secretName: root}}]").Base.Issuers[0]
			c.Issuers[1] = other
		}},
		"lists are replaced": {"{expose: {api: {hosts: [other.example.com], routes: [{path: /v2, service: api2, port: http}]}}}", func(c *v1alpha1.Certs) {
			c.Expose[1].Hosts = []string{"other.example.com"}
			c.Expose[1].Routes = parsed(t, "expose: [{name: a, host: a.b, secretName: a, routes: [{path: /v2, service: api2, port: http}]}]").Base.Expose[0].Routes
		}},
		"an entry by namespace and name": {"{expose: {shop/web: {duration: 48h, secretName: other}}, certificates: {shop/db: {isCA: true}}}", func(c *v1alpha1.Certs) {
			c.Expose[0].Duration = &metav1.Duration{Duration: 48 * time.Hour}
			c.Expose[0].SecretName = "other"
			c.Certificates[0].IsCA = true
		}},
		"host for hosts": {"{expose: {api: {hosts: null, host: api.example.net}}}", func(c *v1alpha1.Certs) {
			c.Expose[1].Host, c.Expose[1].Hosts = "api.example.net", []string{"api.example.net"}
		}},
		"free form": {"{issuers: {le: {acme: {solvers: [{http01: {}}, {dns01: {webhook: {groupName: a, solverName: b, config: {null: null}}}, selector: {dnsZones: [example.org]}}]}}}}", func(c *v1alpha1.Certs) {
			c.Issuers[0].ACME.Solvers = parsed(t, `issuers: [{name: a, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {webhook: {groupName: a, solverName: b, config: {"null": null}}}, selector: {dnsZones: [example.org]}}]}}]`).Base.Issuers[0].ACME.Solvers
		}},
		"a host and all below a domain": {"{hosts: {www.example.com: shop.example.net, example.com: dev.example.com, api.example.org: dev.example.org}}", func(c *v1alpha1.Certs) {
			c.Expose[0].Host, c.Expose[0].Hosts, c.Expose[0].CommonName = "shop.example.net", []string{"shop.example.net"}, "shop.example.net"
			c.Expose[1].Hosts = []string{"api.dev.example.com", "*.dev.example.org", "dev.example.com"}
			c.Expose[2].Host, c.Expose[2].Hosts = "gw.dev.example.com", []string{"gw.dev.example.com"}
			c.Certificates[0].DNSNames, c.Certificates[0].CommonName = []string{"db.dev.example.com", "db.internal"}, "db.dev.example.com"
		}},
		"a wildcard by its name": {`{hosts: {"*.api.example.org": "*.example.org"}}`, func(c *v1alpha1.Certs) {
			c.Expose[1].Hosts = []string{"api.example.com", "*.example.org", "example.com"}
		}},
		"a host of its own is not an old name": {"{hosts: {example.com: dev.example.com}, expose: {web: {host: null, hosts: [web.dev.example.com, web.example.com], commonName: web.example.com}}, certificates: {db: {dnsNames: [x.example.com]}}}", func(c *v1alpha1.Certs) {
			c.Expose[0].Host, c.Expose[0].Hosts, c.Expose[0].CommonName = "", []string{"web.dev.example.com", "web.example.com"}, "web.example.com"
			c.Expose[1].Hosts = []string{"api.dev.example.com", "*.api.example.org", "dev.example.com"}
			c.Expose[2].Host, c.Expose[2].Hosts = "gw.dev.example.com", []string{"gw.dev.example.com"}
			c.Certificates[0].DNSNames, c.Certificates[0].CommonName = []string{"x.example.com"}, "db.dev.example.com"
		}},
		"a responder": {"{responder: {namespace: edge, default: true}}", func(c *v1alpha1.Certs) {
			c.Responder = v1alpha1.Responder{Namespace: "edge", Service: "certs-responder", Port: 80, Default: true}
		}},
		"a class": {"{className: nginx-dev}", func(c *v1alpha1.Certs) {
			class := "nginx-dev"
			c.Expose[0].ClassName = class
			s := c.Issuers[0].ACME.Solvers
			s[0].HTTP01 = &v1alpha1.HTTP01{IngressClassName: class}
			s[1].HTTP01 = &v1alpha1.HTTP01{Class: class}
			s[2].HTTP01 = &v1alpha1.HTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{Class: &class}}
			s[3].HTTP01 = &v1alpha1.HTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{IngressClassName: &class}}
		}},
		"a class of its own": {"{className: nginx-dev, expose: {web: {className: nginx-own}}, issuers: {le: {acme: {solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}]}}}}", func(c *v1alpha1.Certs) {
			c.Expose[0].ClassName = "nginx-own"
			c.Issuers[0].ACME.Solvers = parsed(t, "issuers: [{name: a, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}]}}]").Base.Issuers[0].ACME.Solvers
		}},
	} {
		t.Run(name, func(t *testing.T) {
			base := parsed(t, twoSites).Base
			want := parsed(t, twoSites).Base
			tt.change(&want)
			d := parsed(t, twoSites+"environments: ["+withName(tt.override)+"]\n")
			if diff := cmp.Diff(want, environment(t, d, "dev"), compare); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
			d.Base.Environments = nil
			if diff := cmp.Diff(base, d.Base, compare); diff != "" {
				t.Errorf("the file itself changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestResponderOfAnEnvironment lays a change over a responder that is given.
func TestResponderOfAnEnvironment(t *testing.T) {
	for change, want := range map[string]v1alpha1.Responder{
		"{}":                           {Namespace: "edge", Service: "acme", Port: 8080, Default: true},
		"{service: null}":              {Namespace: "edge", Service: "certs-responder", Port: 8080, Default: true},
		"{port: 81, default: false}":   {Namespace: "edge", Service: "acme", Port: 81},
		"{namespace: a, port: null}":   {Namespace: "a", Service: "acme", Port: 80, Default: true},
		"{<<: {service: b, port: 82}}": {Namespace: "edge", Service: "b", Port: 82, Default: true},
	} {
		d := parsed(t, "responder: {namespace: edge, service: acme, port: 8080, default: true}\n"+shop+"environments: [{name: a, responder: "+change+"}, {name: b}]\n")
		if diff := cmp.Diff(want, environment(t, d, "a").Responder); diff != "" {
			t.Errorf("%s (-want +got):\n%s", change, diff)
		}
		if diff := cmp.Diff(d.Base.Responder, environment(t, d, "b").Responder); diff != "" {
			t.Errorf("%s changes another environment (-file +b):\n%s", change, diff)
		}
	}
}

func withName(override string) string {
	if override == "{}" {
		return "{name: dev}"
	}
	return "{name: dev, " + override[1:]
}

// TestEntriesAreNotShared writes into entries of the file and of every
// environment, and fills in defaults once more as the parser does, and wants
// none of the others to change.
func TestEntriesAreNotShared(t *testing.T) {
	file := twoSites + `
environments:
- {name: a, className: nginx-a, hosts: {example.com: a.example.com}}
- {name: b, issuers: {le: {labels: {env: b}}}, expose: {web: {labels: {env: b}}}, certificates: {db: {labels: {env: b}}}}
- {name: c}
`
	all := func(d *Document) map[string]*v1alpha1.Certs {
		found := map[string]*v1alpha1.Certs{"the file": &d.Base}
		for i := range d.Environments {
			found[d.Environments[i].Name] = &d.Environments[i].Certs
		}
		return found
	}
	pristine := parsed(t, file)
	for name := range all(&pristine) {
		d := parsed(t, file)
		v1alpha1.SetDefaults(all(&d)[name]) // what the parser itself does again and again
		all(&d)[name].Issuers[0].Name = "changed"
		all(&d)[name].Expose[0] = v1alpha1.Expose{}
		all(&d)[name].Certificates[0].SecretName = "changed"
		for other, certs := range all(&d) {
			if other == name {
				continue
			}
			want := all(&pristine)[other]
			if diff := cmp.Diff(want, certs, compare); diff != "" {
				t.Errorf("a change of %s shows in %s (-want +got):\n%s", name, other, diff)
			}
		}
	}
}

// TestEnvironmentsAreIndependent checks that the order of environments makes
// no difference to any of them.
func TestEnvironmentsAreIndependent(t *testing.T) {
	overrides := []string{
		"{name: a, className: nginx-a, hosts: {example.com: a.example.com}}",
		"{name: b, issuers: {le: {acme: {server: letsencrypt-staging, email: null}}}, className: nginx-b}",
		"{name: c, expose: {web: {host: c.example.com, commonName: null}}, hosts: {example.com: c.example.org}}",
	}
	file := func(order ...int) Document {
		doc := twoSites + "environments:\n"
		for _, i := range order {
			doc += "- " + overrides[i] + "\n"
		}
		return parsed(t, doc)
	}
	for i, name := range []string{"a", "b", "c"} {
		want := environment(t, file(i), name)
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
			if diff := cmp.Diff(want, environment(t, file(order...), name), compare); diff != "" {
				t.Errorf("%s among %v (-alone +among):\n%s", name, fmt.Sprint(order), diff)
			}
		}
	}
}
