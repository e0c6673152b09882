package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// TestIssuerNotes has every kind of issuer say what it is.
func TestIssuerNotes(t *testing.T) {
	p := parse(t, `
issuers:
- {name: ca, ca: {secretName: root}}
- {name: self, selfSigned: {}}
- {name: vault, vault: {server: "https://vault.example.com", path: pki/sign/web, auth: {tokenSecretRef: {name: a, key: b}}}}
- {name: venafi, venafi: {zone: "Apps\\Web", cloud: {apiTokenSecretRef: {name: a, key: b}}}}
- name: acme
  acme: {server: "https://acme.example.com:14000/dir", solvers: [{http01: {}}]}
- name: dns
  acme:
    server: letsencrypt-staging
    solvers:
    - dns01: {acmeDNS: {host: "https://dns.example.com", accountSecretRef: &s {name: a, key: b}}}
    - dns01: {akamai: {serviceConsumerDomain: a.example.com, clientTokenSecretRef: *s, clientSecretSecretRef: *s, accessTokenSecretRef: *s}}
    - dns01: {azureDNS: {subscriptionID: s, resourceGroupName: g, hostedZoneName: example.com}}
    - dns01: {cloudDNS: {project: p}}
    - dns01: {cloudDNS: {project: q}}
    - dns01: {cloudflare: {apiTokenSecretRef: *s}}
    - dns01: {digitalocean: {tokenSecretRef: *s}}
    - dns01: {rfc2136: {nameserver: "192.0.2.1:53"}}
    - dns01: {route53: {region: eu-west-1}}
    - dns01: {webhook: {groupName: g.example.com, solverName: n}}
    - http01: {}
- {name: there, existing: true}
- {name: pca, existing: true, group: awspca.cert-manager.io, kind: AWSPCAIssuer}
`)
	got := map[string]string{}
	for _, i := range p.Issuers {
		got[i.Name] = i.Note
	}
	want := map[string]string{
		"ca":     "CA in Secret root",
		"self":   "self-signed",
		"vault":  "Vault at https://vault.example.com",
		"venafi": `Venafi zone Apps\Web`,
		"acme":   "ACME at acme.example.com:14000, HTTP-01",
		"dns": "ACME at acme-staging-v02.api.letsencrypt.org, DNS-01 with acme-dns, DNS-01 with Akamai, DNS-01 with Azure DNS, " +
			"DNS-01 with Google Cloud DNS, DNS-01 with Cloudflare, DNS-01 with DigitalOcean, DNS-01 with RFC 2136, DNS-01 with Route 53, DNS-01 with webhook, HTTP-01",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPrivate has where the issuers and the root of a private CA go, by who
// reads them: those for the whole cluster must not be renamed or moved.
func TestPrivate(t *testing.T) {
	p := parse(t, `
issuers:
- {name: team, namespace: a, private: {commonName: Team}}
- {name: wide, kind: ClusterIssuer, private: {commonName: Wide}}
- {name: followed, namespace: cert-manager, private: {commonName: Followed}}
trust:
- {name: one, fromIssuers: [followed], to: {trust-manager: {}}}
`)
	type issuer struct{ Name, Part, Note, RootNote, RootPart string }
	var got []issuer
	for _, i := range p.Issuers {
		made := issuer{Name: i.Namespace + "/" + i.Name, Part: i.Part, Note: i.Note}
		if i.Root != nil {
			made.RootNote, made.RootPart = i.Root.Note, i.Root.Part
		}
		got = append(got, made)
	}
	const nobody = "; to trust it elsewhere, copy its ca.crt"
	want := []issuer{
		{Name: "a/team-selfsigned", Note: "self-signs the root of team"},
		{Name: "a/team", Note: "CA in Secret team-ca", RootNote: "root Team in Secret team-ca" + nobody},
		{Name: "/wide-selfsigned", Part: plan.ClusterPart, Note: "self-signs the root of wide"},
		{Name: "/wide", Part: plan.ClusterPart, Note: "CA in Secret wide-ca", RootNote: "root Wide in Secret wide-ca" + nobody, RootPart: plan.ClusterPart},
		{Name: "cert-manager/followed-selfsigned", Part: plan.ClusterPart, Note: "self-signs the root of followed"},
		{Name: "cert-manager/followed", Part: plan.ClusterPart, Note: "CA in Secret followed-ca", RootNote: "root Followed in Secret followed-ca, distributed by trust one", RootPart: plan.ClusterPart},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
