package manifest_test

import (
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"github.com/google/go-cmp/cmp"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

func TestIssuers(t *testing.T) {
	got, err := manifest.Issuers(decode(t, `{apiVersion: v1, kind: List, items: [
		{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: le, labels: {team: web}}, spec: {acme: {
			server: "https://acme.example.com", privateKeySecretRef: {name: key}, caBundle: aGVsbG8=, profile: short, solvers: [
			{http01: {ingress: {ingressClassName: nginx}}, selector: {dnsZones: [example.com]}, waitInsteadOfSelfCheck: 30s},
			{dns01: {webhook: {groupName: g, solverName: s, config: {a: [1, x]}}}}]}}, status: {acme: {uri: "https://acme.example.com/1"}}},
		{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: ca, namespace: shop}, spec: {ca: {secretName: root}, extra: ignored}},
		{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: empty, namespace: shop}},
		{apiVersion: awspca.cert-manager.io/v1beta1, kind: ClusterIssuer, metadata: {name: pca}, spec: {acme: 1}},
		{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: le}, spec: {secretName: s}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	class := "nginx"
	want := []manifest.Issuer{
		{Kind: "ClusterIssuer", Name: "le", Labels: map[string]string{"team": "web"}, Spec: cm.IssuerSpec{IssuerConfig: cm.IssuerConfig{ACME: &cmacme.ACMEIssuer{
			Server: "https://acme.example.com", CABundle: []byte("hello"), Profile: "short",
			PrivateKey: cmmeta.SecretKeySelector{LocalObjectReference: cmmeta.LocalObjectReference{Name: "key"}},
			Solvers: []cmacme.ACMEChallengeSolver{
				{
					Selector:               &cmacme.CertificateDNSNameSelector{DNSZones: []string{"example.com"}},
					HTTP01:                 &cmacme.ACMEChallengeSolverHTTP01{Ingress: &cmacme.ACMEChallengeSolverHTTP01Ingress{IngressClassName: &class}},
					WaitInsteadOfSelfCheck: &metav1.Duration{Duration: 30 * time.Second},
				},
				{DNS01: &cmacme.ACMEChallengeSolverDNS01{Webhook: &cmacme.ACMEIssuerDNS01ProviderWebhook{
					GroupName: "g", SolverName: "s", Config: &apiext.JSON{Raw: []byte(`{"a":[1,"x"]}`)},
				}}},
			},
		}}}},
		{Kind: "Issuer", Namespace: "shop", Name: "ca", Spec: cm.IssuerSpec{IssuerConfig: cm.IssuerConfig{CA: &cm.CAIssuer{SecretName: "root"}}}},
		{Kind: "Issuer", Namespace: "shop", Name: "empty"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIssuersErrors(t *testing.T) {
	got, err := manifest.Issuers(decode(t, `{apiVersion: v1, kind: List, items: [
		{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: solvers}, spec: {acme: {solvers: none}}},
		{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: good}, spec: {selfSigned: {}}},
		{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: port, namespace: a}, spec: {acme: {solvers: [{dns01: {route53: {region: 1}}}]}}},
		{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: wait, namespace: a}, spec: {acme: {solvers: [{waitInsteadOfSelfCheck: 1d}]}}},
		{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: bundle, namespace: a}, spec: {acme: {caBundle: "%"}}},
		{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: text, namespace: a}, spec: none}]}`))
	if len(got) != 1 || got[0].Name != "good" {
		t.Errorf("issuers are %v, want good alone", got)
	}
	want := `ClusterIssuer/solvers: spec.acme.solvers: cannot be of type string
Issuer/a/port: spec.acme.solvers.dns01.route53.region: cannot be of type number
Issuer/a/wait: spec: time: unknown unit "d" in duration "1d"
Issuer/a/bundle: spec: illegal base64 data at input byte 0
Issuer/a/text: spec: cannot be of type string`
	if err == nil || err.Error() != want {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, err.Error()))
	}
}
