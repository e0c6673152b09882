package lint_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// said returns the findings about manifests without their severity.
func said(t *testing.T, manifests string, elsewhere ...manifest.Issuer) []string {
	t.Helper()
	var lines []string
	for _, f := range lint.Check(objects(t, []byte(manifests)), elsewhere, now) {
		_, line, _ := strings.Cut(f.String(), " ")
		lines = append(lines, line)
	}
	return lines
}

func stream(objects ...string) string { return strings.Join(objects, "\n---\n") }

// TestFindingsAcrossObjects: findings about several objects together.
func TestFindingsAcrossObjects(t *testing.T) {
	named := func(name, secret, fields string) string {
		return "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: " + name + ", namespace: shop}, spec: {" + secret + "issuerRef: {kind: ClusterIssuer, name: ca}, " + fields + "}}"
	}
	ingress := func(name, host, secret string) string {
		return "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: " + name + ", namespace: shop, annotations: {cert-manager.io/cluster-issuer: ca}}, spec: {rules: [{host: " + host + "}], tls: [{hosts: [" + host + "], secretName: " + secret + "}]}}"
	}
	server := func(version, kind string) string {
		return "{apiVersion: " + version + ", kind: " + kind + ", metadata: {name: v, namespace: shop}, spec: {host: a.shop.dev, tls: {secret: s, redirect: {enable: true}}}}"
	}
	const ca = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: ca}, spec: {selfSigned: {}}}"
	for name, tt := range map[string]struct {
		manifests string
		want      []string
	}{
		"two Certificates for one Secret": {stream(ca, named("a", "secretName: s, ", "dnsNames: [a.shop.dev]"), named("b", "secretName: s, ", "dnsNames: [a.shop.dev]")), []string{
			"C104: Certificate/shop/b: uses Secret s, and so does Certificate/shop/a",
		}},
		"two without a Secret": {stream(ca, named("a", "", "dnsNames: [a.shop.dev]"), named("b", "", "dnsNames: [a.shop.dev]")), []string{
			"C120: Certificate/shop/a spec: has no secretName", "C120: Certificate/shop/b spec: has no secretName",
		}},
		"two Secrets that are filled in later": {stream(ca, named("a", "secretName: '${S}', ", "dnsNames: [a.shop.dev]"), named("b", "secretName: '${S}', ", "dnsNames: [a.shop.dev]")), nil},
		"one filled in later, and two": {stream(ca, named("a", "secretName: '${S}', ", "dnsNames: [a.shop.dev]"), named("b", "secretName: s, ", "dnsNames: [a.shop.dev]"), named("c", "secretName: s, ", "dnsNames: [a.shop.dev]")), []string{
			"C104: Certificate/shop/c: uses Secret s, and so does Certificate/shop/b",
		}},
		"two Ingresses that agree": {stream(ca, ingress("a", "a.shop.dev", "s"), ingress("b", "a.shop.dev", "s")), nil},
		"two Ingresses that do not": {stream(ca, ingress("a", "a.shop.dev", "s"), ingress("b", "b.shop.dev", "s")), []string{
			"C104: Ingress/shop/b: requests Secret s, and so does Ingress/shop/a with other names or settings; only the first of them gets its certificate",
		}},
		"three entries of one Secret": {stream(ca, "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: shop, annotations: {cert-manager.io/cluster-issuer: ca}}, spec: {tls: [{hosts: [a.shop.dev], secretName: s}, {hosts: [a.shop.dev], secretName: s}, {hosts: [a.shop.dev], secretName: s}]}}"), []string{
			`C304: Ingress/shop/a spec.tls[1].secretName: is "s", as in spec.tls[0]`, `C304: Ingress/shop/a spec.tls[2].secretName: is "s", as in spec.tls[0]`,
		}},
		"an Issuer of another namespace": {stream("{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: x, namespace: other}, spec: {selfSigned: {}}}",
			"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {name: x}, dnsNames: [a]}}"), []string{
			"C102: Certificate/shop/c spec.issuerRef: refers to Issuer shop/x, but these manifests have Issuer other/x",
		}},
		"an Issuer of another namespace and a ClusterIssuer": {stream("{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: x, namespace: other}, spec: {selfSigned: {}}}", "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {selfSigned: {}}}",
			"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {name: x}, dnsNames: [a]}}"), []string{
			"C102: Certificate/shop/c spec.issuerRef: refers to Issuer shop/x, but these manifests have ClusterIssuer x",
		}},
		"a redirect before there is a certificate": {stream(issuers+"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {kind: ClusterIssuer, name: acme}, dnsNames: [a.shop.dev]}}", server("k8s.nginx.org/v1", "VirtualServer")), []string{
			"C307: Certificate/shop/c metadata.annotations: request the Secret of VirtualServer/shop/v, which redirects; without cert-manager.io/issue-temporary-certificate there is no certificate to redirect to",
		}},
		"a redirect of another group":       {stream(issuers+"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {kind: ClusterIssuer, name: acme}, dnsNames: [a.shop.dev]}}", server("example.com/v1", "VirtualServer")), nil},
		"a redirect of another kind":        {stream(issuers+"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {kind: ClusterIssuer, name: acme}, dnsNames: [a.shop.dev]}}", server("k8s.nginx.org/v1", "TransportServer")), nil},
		"renewBefore of the whole lifetime": {certificate("le", "renewBefore: 1536h"), []string{"C111: Certificate/shop/c spec.renewBefore: is 64 days, but the lifetime is 64 days (from 2027-02-10); cert-manager ignores it and renews when a third is left"}},
		"renewBefore an hour shorter":       {certificate("le", "renewBefore: 1535h"), []string{"C111: Certificate/shop/c spec.renewBefore: is 1535 hours, but the lifetime is 64 days (from 2027-02-10); the certificate is renewed every 1 hour"}},
		"a bad name before another": {certificate("acme", "dnsNames: [a_b.shop.dev, '*.shop.dev']"), []string{
			`C108: Certificate/shop/c spec.dnsNames[0]: invalid host name "a_b.shop.dev"`,
			`C101: Certificate/shop/c spec.dnsNames[1]: "*.shop.dev" needs a DNS-01 solver; ClusterIssuer/acme has only HTTP-01`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, said(t, tt.manifests)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameNames: Let's Encrypt's limit for the same names counts the Secrets that
// it issues.
func TestSameNames(t *testing.T) {
	many := func(n int, issuer string) string {
		all := []string{strings.TrimSuffix(strings.TrimSpace(issuers), "---")}
		for i := range n {
			all = append(all, fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c%d, namespace: shop}, spec: {secretName: s%d, issuerRef: {kind: ClusterIssuer, name: %s}, dnsNames: [a.shop.dev, b.shop.dev, c.shop.dev]}}", i, i, issuer))
		}
		return stream(all...)
	}
	lost := "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: shop}, spec: {secretName: a, issuerRef: {kind: ClusterIssuer, name: lost}, dnsNames: [a.shop.dev]}}\n---\n"
	const reported = "C118: ClusterIssuer/le: a.shop.dev and 2 more: 6 Secrets have the same names, but Let's Encrypt issues 5 in 7 days"
	for name, tt := range map[string]struct {
		manifests string
		want      []string
	}{
		"5":               {many(5, "le"), nil},
		"6":               {many(6, "le"), []string{reported}},
		"6 of another CA": {many(6, "acme"), nil},
		"6 after one with a missing issuer": {lost + many(6, "le"), []string{
			"C103: ClusterIssuer/lost: is not in these manifests, so 1 request could not be checked completely", reported,
		}},
	} {
		got := said(t, tt.manifests)
		if len(tt.want) == 2 && len(got) == 2 && got[0] == tt.want[1] {
			got[0], got[1] = got[1], got[0] // by name
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestCredentials: a Secret with an issuer's credentials is reported once, if its
// values are in clear text.
func TestCredentials(t *testing.T) {
	const issuer = `{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {acme: {server: "https://acme.corp.dev", privateKeySecretRef: {name: k}, solvers: [{dns01: {cloudflare: {apiTokenSecretRef: {name: token, key: t}}}}]}}}`
	other := strings.NewReplacer("name: x", "name: y").Replace(issuer)
	venafi := "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {venafi: {zone: z, tpp: {url: 'https://tpp.corp.dev', credentialsRef: {name: token}}}}}"
	web := `{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {acme: {server: "https://acme.corp.dev", privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {name: token}}}]}}}`
	secret := func(fields string) string {
		return "{apiVersion: v1, kind: Secret, metadata: {name: token, namespace: cert-manager}, " + fields + "}"
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	reported := []string{"C402: Secret/cert-manager/token: has credentials of ClusterIssuer/x"}
	for name, tt := range map[string]struct {
		manifests string
		want      []string
	}{
		"text":                 {stream(issuer, secret("stringData: {t: abc}")), reported},
		"base64":               {stream(issuer, secret("data: {t: "+b64("abc")+"}")), reported},
		"a number":             {stream(issuer, secret("stringData: {t: 1}")), reported},
		"two issuers":          {stream(issuer, other, secret("stringData: {t: abc}")), reported},
		"Venafi's":             {stream(venafi, secret("stringData: {t: abc}")), reported},
		"an Ingress's name":    {stream(web, secret("stringData: {t: abc}")), nil},
		"another Secret":       {stream(issuer, strings.Replace(secret("stringData: {t: abc}"), "token", "other", 1)), nil},
		"no values":            {stream(issuer, secret("type: Opaque")), nil},
		"an empty value":       {stream(issuer, secret("stringData: {t: ''}")), nil},
		"null":                 {stream(issuer, secret("stringData: {t: null}")), nil},
		"blanks":               {stream(issuer, secret("stringData: {t: ' '}")), nil},
		"Flux's variable":      {stream(issuer, secret("stringData: {t: '${TOKEN}'}")), nil},
		"Helm's variable":      {stream(issuer, secret("stringData: {t: '{{ .token }}'}")), nil},
		"a variable in base64": {stream(issuer, secret("data: {t: "+b64("${TOKEN}")+"}")), nil},
		"text that is base64":  {stream(issuer, secret("stringData: {t: "+b64("${TOKEN}")+"}")), reported},
		"SOPS":                 {stream(issuer, secret("stringData: {t: 'ENC[AES256_GCM,data:x]'}")), nil},
		"age":                  {stream(issuer, secret("stringData: {t: '-----BEGIN AGE ENCRYPTED FILE-----'}")), nil},
		"PGP":                  {stream(issuer, secret("stringData: {t: '-----BEGIN PGP MESSAGE-----'}")), nil},
		"one value of several": {stream(issuer, secret("stringData: {a: '${A}', t: abc, z: ''}")), reported},
		"sealed":               {stream(issuer, "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: token, namespace: cert-manager}, spec: {encryptedData: {t: abc}}}"), nil},
		"in another namespace": {stream(issuer, strings.Replace(secret("stringData: {t: abc}"), "cert-manager", "shop", 1)), []string{"C205: ClusterIssuer/x spec.acme.solvers[0].dns01.cloudflare.apiTokenSecretRef: refers to Secret token, which is in namespace shop, not in cert-manager"}},
		"without a namespace":  {stream(issuer, strings.Replace(secret("stringData: {t: abc}"), ", namespace: cert-manager", "", 1)), []string{"C402: Secret/token: has credentials of ClusterIssuer/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, said(t, tt.manifests)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestVariables: placeholders are skipped, and values beside them
// are checked.
func TestVariables(t *testing.T) {
	expired, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", "expired.pem"))
	if err != nil {
		t.Fatal(err)
	}
	ca := base64.StdEncoding.EncodeToString(expired)
	webhook := func(first, second string) string {
		return "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{name: a.shop.dev, clientConfig: {caBundle: " + first + "}}, {name: b.shop.dev, clientConfig: {caBundle: " + second + "}}]}"
	}
	for name, tt := range map[string]struct {
		object string
		want   []string
	}{
		"none":               {webhook("'${CA}'", "'{{ .ca }}'"), nil},
		"one":                {webhook("'${CA}'", ca), []string{"T004 webhooks[1].clientConfig.caBundle"}},
		"the other":          {webhook(ca, "'${CA}'"), []string{"T004 webhooks[0].clientConfig.caBundle"}},
		"both":               {webhook(ca, ca), []string{"T004 webhooks[0].clientConfig.caBundle", "T004 webhooks[1].clientConfig.caBundle"}},
		"in a Secret":        {"{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {ca.crt: " + ca + ", other-ca.crt: '${CA}'}}", []string{"T004 data.ca.crt"}},
		"in a Secret's text": {"{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {ca.crt: " + ca + ", other-ca.crt: '${CA}'}}", []string{"T004 stringData.ca.crt", "T107 stringData.ca.crt"}},
		"in binary data":     {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, binaryData: {ca.crt: " + ca + ", other-ca.crt: " + base64.StdEncoding.EncodeToString([]byte("${CA}")) + "}}", []string{"T004 binaryData.ca.crt"}},
	} {
		if diff := cmp.Diff(tt.want, found(t, tt.object, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestIssuersOutsideTheInput: objects can refer to issuers elsewhere, but an issuer here takes
// precedence.
func TestIssuersOutsideTheInput(t *testing.T) {
	asks := "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: s, issuerRef: {kind: ClusterIssuer, name: x}, dnsNames: ['*.shop.dev']}}"
	here := "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {selfSigned: {}}}"
	there, err := manifest.Issuers(objects(t, []byte(`{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: x}, spec: {acme: {server: "https://acme.corp.dev", privateKeySecretRef: {name: k}, solvers: [{http01: {ingress: {}}}]}}}`)))
	if err != nil {
		t.Fatal(err)
	}
	const wildcard = `C101: Certificate/shop/c spec.dnsNames[0]: "*.shop.dev" needs a DNS-01 solver; ClusterIssuer/x has only HTTP-01`
	for name, tt := range map[string]struct {
		manifests string
		elsewhere []manifest.Issuer
		want      []string
	}{
		"nowhere": {asks, nil, []string{"C103: ClusterIssuer/x: is not in these manifests, so 1 request could not be checked completely"}},
		"there":   {asks, there, []string{wildcard}},
		"here":    {stream(here, asks), nil, nil},
		"both":    {stream(here, asks), there, nil},
	} {
		if diff := cmp.Diff(tt.want, said(t, tt.manifests, tt.elsewhere...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
