package manifest_test

import (
	"testing"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

func clusterIssuer(name string) cmmeta.IssuerReference {
	return cmmeta.IssuerReference{Name: name, Kind: "ClusterIssuer", Group: "cert-manager.io"}
}

// TestNeeds reads objects that other people wrote.
func TestNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		want   []plan.Need
	}{
		"every annotation": {
			`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: n, labels: {l: v}, annotations: {
				cert-manager.io/issuer: i, cert-manager.io/common-name: cn.example.com, cert-manager.io/duration: 2160h, cert-manager.io/renew-before: 1h30m,
				cert-manager.io/renew-before-percentage: "30", cert-manager.io/revision-history-limit: "7", cert-manager.io/usages: "digital signature, server auth",
				cert-manager.io/private-key-algorithm: ECDSA, cert-manager.io/private-key-encoding: PKCS8, cert-manager.io/private-key-size: "384", cert-manager.io/private-key-rotation-policy: Never,
				cert-manager.io/alt-names: "b.example.com,c.example.com", cert-manager.io/ip-sans: 192.0.2.1, cert-manager.io/email-sans: "a@example.com",
				cert-manager.io/subject-organizations: '"Acme, Inc.",Other', cert-manager.io/subject-countries: DE, cert-manager.io/subject-serialnumber: "9",
				cert-manager.io/secret-template: '{"labels":{"x":"y"}}'}},
			  spec: {tls: [{hosts: [a.example.com, 192.0.2.7], secretName: s}]}}`,
			[]plan.Need{{
				Namespace: "n", Labels: map[string]string{"l": "v"}, By: plan.Source{Kind: "Ingress", Namespace: "n", Name: "a"},
				Certificate: cm.CertificateSpec{
					SecretName: "s", IssuerRef: cmmeta.IssuerReference{Name: "i", Kind: "Issuer", Group: "cert-manager.io"}, CommonName: "cn.example.com",
					Duration: &metav1.Duration{Duration: 2160 * time.Hour}, RenewBefore: &metav1.Duration{Duration: 90 * time.Minute},
					RenewBeforePercentage: new(int32(30)), RevisionHistoryLimit: new(int32(7)), Usages: []cm.KeyUsage{"digital signature", "server auth"},
					PrivateKey: &cm.CertificatePrivateKey{Algorithm: "ECDSA", Encoding: "PKCS8", Size: 384, RotationPolicy: "Never"},
					DNSNames:   []string{"a.example.com", "b.example.com", "c.example.com"}, IPAddresses: []string{"192.0.2.7", "192.0.2.1"}, EmailAddresses: []string{"a@example.com"},
					Subject:        &cm.X509Subject{Organizations: []string{"Acme, Inc.", "Other"}, Countries: []string{"DE"}, SerialNumber: "9"},
					SecretTemplate: &cm.CertificateSecretTemplate{Labels: map[string]string{"x": "y"}},
				},
			}},
		},
		"two Secrets of one Ingress, edited in place; blocks without hosts or Secret are skipped": {
			`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/cluster-issuer: i, acme.cert-manager.io/http01-edit-in-place: "true"}},
			  spec: {tls: [{hosts: [a.example.com], secretName: s}, {hosts: [x.example.com]}, {secretName: y}, {hosts: [b.example.com], secretName: t}]}}`,
			[]plan.Need{
				{Temporary: true, Ingress: "a", By: plan.Source{Kind: "Ingress", Name: "a"}, Certificate: cm.CertificateSpec{SecretName: "s", DNSNames: []string{"a.example.com"}, IssuerRef: clusterIssuer("i")}},
				{Temporary: true, Ingress: "a", By: plan.Source{Kind: "Ingress", Name: "a"}, Certificate: cm.CertificateSpec{SecretName: "t", DNSNames: []string{"b.example.com"}, IssuerRef: clusterIssuer("i")}},
			},
		},
		"listeners that cert-manager uses, gathered by Secret": {
			`{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: n, annotations: {cert-manager.io/cluster-issuer: i, cert-manager.io/ignore-tls-listeners: "e, f"}},
			  spec: {listeners: [
				{name: a, hostname: a.example.com, tls: {mode: Terminate, certificateRefs: [{name: s}]}},
				{name: b, hostname: b.example.com, tls: {mode: Terminate, certificateRefs: [{name: s, kind: Secret, group: "", namespace: n}]}},
				{name: no-mode, hostname: x.example.com, tls: {certificateRefs: [{name: s}]}},
				{name: passthrough, hostname: x.example.com, tls: {mode: Passthrough}},
				{name: no-host, tls: {mode: Terminate, certificateRefs: [{name: s}]}},
				{name: elsewhere, hostname: x.example.com, tls: {mode: Terminate, certificateRefs: [{name: s, namespace: other}]}},
				{name: other-kind, hostname: x.example.com, tls: {mode: Terminate, certificateRefs: [{name: s, kind: Vault}]}},
				{name: e, hostname: x.example.com, tls: {mode: Terminate, certificateRefs: [{name: s}]}},
				{name: plain, port: 80}]}}`,
			[]plan.Need{{
				Namespace: "n", Gateway: "g", By: plan.Source{Kind: "Gateway", Namespace: "n", Name: "g"},
				Certificate: cm.CertificateSpec{SecretName: "s", DNSNames: []string{"a.example.com", "b.example.com"}, IssuerRef: clusterIssuer("i")},
			}},
		},
		"VirtualServer": {
			`{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: v}, spec: {host: a.example.com, tls: {secret: s, cert-manager: {
				issuer: i, issuer-kind: K, issuer-group: g.example.com, common-name: a.example.com, duration: 100h, renew-before: 10h, usages: "server auth", issue-temp-cert: true}}}}`,
			[]plan.Need{{
				Temporary: true, By: plan.Source{Kind: "VirtualServer", Name: "v"},
				Certificate: cm.CertificateSpec{
					SecretName: "s", DNSNames: []string{"a.example.com"}, IssuerRef: cmmeta.IssuerReference{Name: "i", Kind: "K", Group: "g.example.com"}, CommonName: "a.example.com",
					Duration: &metav1.Duration{Duration: 100 * time.Hour}, RenewBefore: &metav1.Duration{Duration: 10 * time.Hour}, Usages: []cm.KeyUsage{"server auth"},
				},
			}},
		},
		"Certificates and the profiles of their issuers": {
			`{apiVersion: v1, kind: List, items: [
				{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: i, namespace: n}, spec: {acme: {profile: short}}},
				{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: i}, spec: {acme: {profile: long}}},
				{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: n, annotations: {cert-manager.io/issue-temporary-certificate: "true"}}, spec: {secretName: s, dnsNames: [x], issuerRef: {name: i}}},
				{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: d, namespace: m}, spec: {secretName: s, dnsNames: [x], issuerRef: {name: i}}},
				{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: e, namespace: m}, spec: {secretName: t, dnsNames: [x], issuerRef: {name: i, kind: ClusterIssuer}}}]}`,
			[]plan.Need{
				{Namespace: "n", Profile: "short", Temporary: true, By: plan.Source{Kind: "Certificate", Namespace: "n", Name: "c"}, Certificate: cm.CertificateSpec{SecretName: "s", DNSNames: []string{"x"}, IssuerRef: cmmeta.IssuerReference{Name: "i", Kind: "Issuer", Group: "cert-manager.io"}}},
				{Namespace: "m", By: plan.Source{Kind: "Certificate", Namespace: "m", Name: "d"}, Certificate: cm.CertificateSpec{SecretName: "s", DNSNames: []string{"x"}, IssuerRef: cmmeta.IssuerReference{Name: "i", Kind: "Issuer", Group: "cert-manager.io"}}},
				{Namespace: "m", Profile: "long", By: plan.Source{Kind: "Certificate", Namespace: "m", Name: "e"}, Certificate: cm.CertificateSpec{SecretName: "t", DNSNames: []string{"x"}, IssuerRef: clusterIssuer("i")}},
			},
		},
		"no request": {
			`{apiVersion: v1, kind: List, items: [
				{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {tls: [{hosts: [a], secretName: s}]}},
				{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: v}, spec: {host: a, tls: {secret: s}}},
				{apiVersion: example.com/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/issuer: i}}, spec: {tls: [{hosts: [a], secretName: s}]}},
				{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: a, annotations: {cert-manager.io/issuer: i}}, spec: {tls: [{hosts: [a], secretName: s}]}},
				{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: i}}, spec: {listeners: [{name: a, hostname: a, tls: {mode: Terminate, certificateRefs: [{name: s}]}}]}},
				{apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: {name: a, annotations: {cert-manager.io/issuer: i}}, spec: {listeners: [{name: a, hostname: a, tls: {mode: Terminate, certificateRefs: [{name: s}]}}]}},
				{apiVersion: example.com/v1, kind: VirtualServer, metadata: {name: a}, spec: {host: a, tls: {secret: s, cert-manager: {issuer: i}}}},
				{apiVersion: k8s.nginx.org/v1, kind: TransportServer, metadata: {name: a}, spec: {host: a, tls: {secret: s, cert-manager: {issuer: i}}}},
				{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: a}, spec: {secretName: s, dnsNames: [a]}},
				{apiVersion: example.com/v1, kind: Certificate, metadata: {name: other}, spec: {}}]}`,
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := manifest.Needs(decode(t, c.source))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNeedsErrors(t *testing.T) {
	objects := decode(t, `{apiVersion: v1, kind: List, items: [
		{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: both, annotations: {cert-manager.io/issuer: i, cert-manager.io/cluster-issuer: i}}},
		{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: days, annotations: {cert-manager.io/issuer: i, cert-manager.io/duration: 90d}}, spec: {tls: [{hosts: [a], secretName: s}]}},
		{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: kind, annotations: {cert-manager.io/cluster-issuer: i, cert-manager.io/issuer-kind: K}}},
		{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: no-secret}, spec: {host: a, tls: {cert-manager: {issuer: i}}}},
		{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: no-issuer}, spec: {host: a, tls: {secret: s, cert-manager: {}}}},
		{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: good}, spec: {secretName: s, issuerRef: {name: i}}}]}`)
	needs, err := manifest.Needs(objects)
	if len(needs) != 1 || needs[0].By.Name != "good" {
		t.Errorf("needs are %v, want that of good alone", needs)
	}
	want := `Ingress/both: has both cert-manager.io/issuer and cert-manager.io/cluster-issuer
Ingress/days: annotation cert-manager.io/duration: invalid duration "90d": use hours, for example 2160h
Ingress/kind: has cert-manager.io/cluster-issuer together with issuer-kind or issuer-group
VirtualServer/no-secret: spec.tls.cert-manager needs spec.host and spec.tls.secret
VirtualServer/no-issuer: spec.tls.cert-manager needs issuer or cluster-issuer`
	if err == nil || err.Error() != want {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, err.Error()))
	}
}

func decode(t *testing.T, source string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
