package config

import (
	"strings"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// TestParseEveryField is one file with a bit of everything, and all of what is read from it.
func TestParseEveryField(t *testing.T) {
	got := parsed(t, `
metadata: {name: cafe}
ingressClasses: [{name: public, controller: nginx.org/ingress-controller}]
issuers:
- name: prod-issuer
  labels: {team: web}
  acme:
    server: letsencrypt
    email: example@example.com
    profile: tlsserver
    solvers:
    - dns01: {cloudflare: {apiTokenSecretRef: {name: cloudflare-api-token-secret, key: api-token}}}
      selector: {dnsZones: [example.org]}
    - http01: {ingressClassName: public}
      waitInsteadOfSelfCheck: 30s
- {name: corp-ca, namespace: shop, ca: {secretName: corp-ca}}
- {name: pca, existing: true, kind: AWSPCAClusterIssuer, group: awspca.cert-manager.io}
expose:
- name: cafe
  namespace: default
  host: cert.example.com
  className: public
  issuer: prod-issuer
  redirect: false
  renewBefore: 360h30m
  privateKey: {algorithm: ECDSA, size: 256}
  routes:
  - {path: /tea, service: tea-svc, port: 80}
  - {path: /coffee, pathType: Exact, service: coffee-svc, port: http}
- name: shop
  namespace: shop
  hosts: [shop.example.com, www.shop.example.com]
  as: HTTPRoute
  gateway: {name: edge, className: eg}
  issuer: pca
  routes: [{path: /, service: shop, port: 8080}]
certificates:
- {name: db, namespace: shop, issuer: corp-ca, dnsNames: [db.shop.svc], isCA: true, duration: 48h}
`)
	want := Document{Base: v1alpha1.Certs{
		APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.Kind, Metadata: v1alpha1.Metadata{Name: "cafe"},
		Responder:      v1alpha1.Responder{Namespace: "kubectl-certs", Service: "certs-responder", Port: 80},
		IngressClasses: []v1alpha1.IngressClass{{Name: "public", Controller: v1alpha1.NGINXIngressController}},
		Issuers: []v1alpha1.Issuer{
			{
				Name: "prod-issuer", Kind: v1alpha1.ClusterIssuer, Group: "cert-manager.io", Labels: map[string]string{"team": "web"},
				ACME: &v1alpha1.ACME{
					ACMEIssuer:          cmacme.ACMEIssuer{Email: "example@example.com", Profile: "tlsserver"},
					Server:              "https://acme-v02.api.letsencrypt.org/directory",
					PrivateKeySecretRef: &v1alpha1.AccountKey{Name: "prod-issuer-account-key"},
					Solvers: []v1alpha1.Solver{
						{
							Selector: &cmacme.CertificateDNSNameSelector{DNSZones: []string{"example.org"}},
							DNS01: &cmacme.ACMEChallengeSolverDNS01{Cloudflare: &cmacme.ACMEIssuerDNS01ProviderCloudflare{
								APIToken: &cmmeta.SecretKeySelector{
									LocalObjectReference: cmmeta.LocalObjectReference{Name: "cloudflare-api-token-secret"}, Key: "api-token",
								},
							}},
						},
						{HTTP01: &v1alpha1.HTTP01{IngressClassName: "public"}, WaitInsteadOfSelfCheck: &metav1.Duration{Duration: 30 * time.Second}},
					},
				},
			},
			{Name: "corp-ca", Namespace: "shop", Kind: v1alpha1.NamespacedIssuer, Group: "cert-manager.io", CA: &cm.CAIssuer{SecretName: "corp-ca"}},
			{Name: "pca", Kind: "AWSPCAClusterIssuer", Group: "awspca.cert-manager.io", Existing: true},
		},
		Expose: []v1alpha1.Expose{
			{
				Name: "cafe", Namespace: "default", Host: "cert.example.com", Hosts: []string{"cert.example.com"}, As: v1alpha1.Ingress,
				ClassName: "public", Issuer: "prod-issuer", SecretName: "cafe-tls", Redirect: new(bool),
				Options: v1alpha1.Options{
					RenewBefore: &metav1.Duration{Duration: 360*time.Hour + 30*time.Minute},
					PrivateKey:  &cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm, Size: 256},
				},
				Routes: []v1alpha1.Route{
					{Path: "/tea", Service: "tea-svc", Port: intstr.FromInt32(80)},
					{Path: "/coffee", PathType: v1alpha1.Exact, Service: "coffee-svc", Port: intstr.FromString("http")},
				},
			},
			{
				Name: "shop", Namespace: "shop", Hosts: []string{"shop.example.com", "www.shop.example.com"}, As: v1alpha1.HTTPRoute,
				Gateway: &v1alpha1.Gateway{Name: "edge", Namespace: "shop", ClassName: "eg"}, Issuer: "pca", SecretName: "shop-tls",
				Routes: []v1alpha1.Route{{Path: "/", Service: "shop", Port: intstr.FromInt32(8080)}},
			},
		},
		Certificates: []v1alpha1.Certificate{{
			CertificateSpec: cm.CertificateSpec{DNSNames: []string{"db.shop.svc"}, IsCA: true, Duration: &metav1.Duration{Duration: 48 * time.Hour}},
			Name:            "db", Namespace: "shop", Issuer: "corp-ca", SecretName: "db",
		}},
	}}
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDefaults has what a file may leave out or write shorter.
func TestDefaults(t *testing.T) {
	acme := func(server string) string {
		return "issuers: [{name: le, acme: {server: " + server + ", solvers: [{http01: {}}]}}]\n"
	}
	issuer := func(c v1alpha1.Certs) any { return [2]string{string(c.Issuers[0].Kind), c.Issuers[0].Group} }
	server := func(c v1alpha1.Certs) any { return c.Issuers[0].ACME.Server }
	key := func(c v1alpha1.Certs) any { return *c.Issuers[0].ACME.PrivateKeySecretRef }
	persistent := func(server, account string) string {
		return strings.Replace(acme(server), "solvers", "dnsPersist: {accountURI: https://"+account+"}, solvers", 1)
	}
	domain := func(c v1alpha1.Certs) any { return c.Issuers[0].ACME.DNSPersist.IssuerDomain }
	for name, tt := range map[string]struct {
		doc  string
		pick func(v1alpha1.Certs) any
		want any
	}{
		"letsencrypt":         {acme("letsencrypt"), server, "https://acme-v02.api.letsencrypt.org/directory"},
		"letsencrypt-staging": {acme("letsencrypt-staging"), server, "https://acme-staging-v02.api.letsencrypt.org/directory"},
		"any server":          {acme("https://ca.example.com/acme"), server, "https://ca.example.com/acme"},
		"account key":         {acme("letsencrypt"), key, v1alpha1.AccountKey{Name: "le-account-key"}},
		"account key by name": {
			"issuers: [{name: le, acme: {server: letsencrypt, privateKeySecretRef: {name: mine, key: k}, solvers: [{http01: {}}]}}]",
			key, v1alpha1.AccountKey{Name: "mine", Key: "k"},
		},
		"issuer domain":      {persistent("letsencrypt-staging", "acme-staging-v02.api.letsencrypt.org"), domain, "letsencrypt.org"},
		"a CA's own domain":  {persistent("https://ca.example.com/acme", "ca.example.com/a, issuerDomain: example.com"), domain, "example.com"},
		"cluster-wide":       {"issuers: [{name: a, selfSigned: {}}]", issuer, [2]string{"ClusterIssuer", "cert-manager.io"}},
		"with a namespace":   {"issuers: [{name: a, namespace: b, selfSigned: {}}]", issuer, [2]string{"Issuer", "cert-manager.io"}},
		"of a kind":          {"issuers: [{name: a, kind: Issuer, selfSigned: {}}]", issuer, [2]string{"Issuer", "cert-manager.io"}},
		"secret of a route":  {shop, func(c v1alpha1.Certs) any { return [2]any{c.Expose[0].As, c.Expose[0].SecretName} }, [2]any{v1alpha1.Ingress, "shop"}},
		"no names of hosts":  {"issuers: [{name: a, selfSigned: {}}]\ncertificates: [{name: a, issuer: a, uris: [spiffe://a/b]}]", func(c v1alpha1.Certs) any { return len(c.Certificates[0].DNSNames) }, 0},
		"gateway's own":      {gatewayFile("namespace: edge, "), func(c v1alpha1.Certs) any { return c.Expose[0].CertificateNamespace() }, "edge"},
		"gateway's, default": {gatewayFile(""), func(c v1alpha1.Certs) any { return c.Expose[0].CertificateNamespace() }, "shop"},
		"PEM as it is":       {"issuers: [{name: a, acme: {server: letsencrypt, caBundle: " + quoted(string(authority())) + ", solvers: [{http01: {}}]}}]", func(c v1alpha1.Certs) any { return string(c.Issuers[0].ACME.CABundle) }, string(authority())},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.pick(parsed(t, tt.doc).Base)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func gatewayFile(namespace string) string {
	return "expose: [{name: a, namespace: shop, host: a.example.com, secretName: a, as: HTTPRoute, gateway: {name: gw, " + namespace +
		"className: c}, routes: [{path: /, service: a, port: 80}]}]"
}

// TestKeysWithDefaults has references into Secrets for which cert-manager
// knows the key.
func TestKeysWithDefaults(t *testing.T) {
	parsed(t, `
issuers:
- {name: a, vault: {server: "https://vault", path: pki, caBundleSecretRef: {name: a}, clientCertSecretRef: {name: a}, clientKeySecretRef: {name: a}, auth: {tokenSecretRef: {name: a}}}}
- {name: b, vault: {server: "https://vault", path: pki, auth: {kubernetes: {role: a, secretRef: {name: a}}}}}
- {name: c, venafi: {zone: a, cloud: {apiTokenSecretRef: {name: a}}}}
- {name: d, venafi: {zone: a, tpp: {url: "https://tpp", credentialsRef: {name: a}, caBundleSecretRef: {name: a}}}}
`)
}
