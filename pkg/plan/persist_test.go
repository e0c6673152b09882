package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

func TestPersistRecords(t *testing.T) {
	p := plan.Persist{IssuerDomain: "letsencrypt.org", AccountURI: "https://acme-v02.api.letsencrypt.org/acme/acct/1"}
	const value = "letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1"
	until := p
	until.Until = time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		persist plan.Persist
		names   []string
		want    []plan.Record
	}{
		"none":         {p, nil, []plan.Record{}},
		"hosts":        {p, []string{"b.example.com", "a.example.com"}, []plan.Record{{"_validation-persist.b.example.com", value}, {"_validation-persist.a.example.com", value}}},
		"one twice":    {p, []string{"a.example.com", "a.example.com"}, []plan.Record{{"_validation-persist.a.example.com", value}}},
		"wildcard":     {p, []string{"*.example.com"}, []plan.Record{{"_validation-persist.example.com", value + "; policy=wildcard"}}},
		"and its base": {p, []string{"example.com", "*.example.com"}, []plan.Record{{"_validation-persist.example.com", value + "; policy=wildcard"}}},
		"and below it": {p, []string{"*.example.com", "a.example.com"}, []plan.Record{{"_validation-persist.example.com", value + "; policy=wildcard"}, {"_validation-persist.a.example.com", value}}},
		"for a time":   {until, []string{"*.example.com"}, []plan.Record{{"_validation-persist.example.com", value + "; policy=wildcard; persistUntil=1830211200"}}},
	} {
		if diff := cmp.Diff(c.want, c.persist.Records(c.names)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestEndpoints: a name is in one object, with what everybody wants of it.
func TestEndpoints(t *testing.T) {
	p := parse(t, `
issuers:
- {name: le, acme: {server: letsencrypt, dnsPersist: &p {accountURI: "https://acme-v02.api.letsencrypt.org/1", persistUntil: "2028-01-01T01:00:00+01:00", emit: external-dns}, solvers: &s [{dns01: {cloudDNS: {project: a}}}]}}
- {name: le, namespace: b, acme: {server: letsencrypt, dnsPersist: *p, solvers: *s}}
- {name: other, acme: {server: "https://ca.example.com", dnsPersist: {accountURI: "https://ca.example.com/2", issuerDomain: ca.example.com, emit: external-dns}, solvers: *s}}
- {name: silent, acme: {server: letsencrypt, dnsPersist: {accountURI: "https://acme-v02.api.letsencrypt.org/3"}, solvers: *s}}
- {name: ca, selfSigned: {}}
expose:
- {name: a, namespace: a, issuer: le, hosts: [a.example.com, b.example.com], routes: &r [{path: /, service: s, port: 80}]}
- {name: b, namespace: b, issuer: le, host: "*.b.example.com", routes: *r}
- {name: c, namespace: c, issuer: other, hosts: [b.example.com, c.example.com], className: c, routes: *r}
- {name: d, namespace: d, issuer: le, host: a.example.com, className: d, routes: *r}
- {name: e, namespace: e, issuer: silent, host: e.example.com, routes: *r}
- {name: f, namespace: f, issuer: ca, host: f.example.com, routes: *r}
certificates:
- {name: g, namespace: g, issuer: le, dnsNames: ["*.a.example.com", b.example.com, g.example.com], ipAddresses: [192.0.2.1]}
`)
	got := map[string][]plan.Record{}
	for _, e := range p.Endpoints {
		got[e.Namespace+"/"+e.Name] = e.Records
	}
	const le, ca = "letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/1", "ca.example.com; accounturi=https://ca.example.com/2"
	const until = "; persistUntil=1830297600"
	want := map[string][]plan.Record{
		"a/a-tls": {
			{"_validation-persist.a.example.com", le + "; policy=wildcard" + until},
			{"_validation-persist.b.example.com", le + "; policy=wildcard" + until}, // for b/b-tls
			{"_validation-persist.b.example.com", ca},                               // for c/c-tls
		},
		"c/c-tls": {{"_validation-persist.c.example.com", ca}},
		"g/g":     {{"_validation-persist.g.example.com", le + until}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
