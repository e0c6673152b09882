package cmd_test

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"software.sslmate.com/src/go-pkcs12"
)

// dns01 is a solver that writes to the DNS of the lab.
func (s issuing) dns01() string {
	s.t.Helper()
	makeSecret(s.t, s.client, "tsig", "secret", s.Env["TSIG_SECRET"])
	return fmt.Sprintf(`{dns01: {rfc2136: {nameserver: "%s", tsigKeyName: %s, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {name: tsig, key: secret}}}}`,
		s.Env["DNS_ADDR"], s.Env["TSIG_NAME"])
}

// resolvers are the flags that ask the DNS of the lab.
func (s issuing) resolvers() []string {
	return []string{"--dns01-recursive-nameservers", s.Env["DNS_ADDR"], "--dns01-recursive-nameservers-only"}
}

// zone is what the DNS of the lab holds.
func (s issuing) zone() string {
	s.t.Helper()
	answer, err := http.Get(s.Env["DNS_API"] + "/records")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(body)
}

// TestLiveRunDNS01: a name and its wildcard in one order, beside names that
// another solver proves, and nothing is left in the zone.
func TestLiveRunDNS01(t *testing.T) {
	s := startIssuing(t)
	s.names("www.http.example.com")
	file := s.file("dns", s.dns01()+", {http01: {}, selector: {dnsZones: [http.example.com]}}",
		"expose:\n"+expose("a", "dns", "*.wild.example.com", "wild.example.com", "www.http.example.com"))
	once := slices.Concat([]string{"run", "--once", "-f", file}, s.static(), s.resolvers())
	out, _ := certs(t, 0, append(once, "--dry-run")...)
	if !strings.Contains(out, "dns-01 rfc2136, http-01 static") {
		t.Errorf("the plan says\n%s", out)
	}
	certs(t, 0, once...)
	s.issued("a-tls", "*.wild.example.com", "wild.example.com", "www.http.example.com")
	if zone := s.zone(); strings.Contains(zone, "_acme-challenge") {
		t.Errorf("left in the zone:\n%s", zone)
	}
}

// TestLiveRunPersistent: a permanent TXT record is used once it is there, and
// nothing is written for the challenge.
func TestLiveRunPersistent(t *testing.T) {
	s := startIssuing(t)
	file := s.file("persist", "{dns01: {rfc2136: {nameserver: \"127.0.0.1:1\"}}}", "expose:\n"+expose("a", "persist", "*.persist.example.com"))
	once := slices.Concat([]string{"run", "--once", "-f", file}, s.resolvers())
	out, talk := certs(t, 1, once...)
	if !strings.Contains(out+talk, "127.0.0.1:1") {
		t.Errorf("without the record\n%s%s", out, talk)
	}
	account, _ := s.account(file, "persist")
	s.records(http.MethodPost, "", fmt.Sprintf("_validation-persist.persist.example.com. TXT \"pebble.letsencrypt.org; accounturi=%s; policy=wildcard\"\n", account))
	certs(t, 0, "renew", "a-tls", "-n", "shop")
	certs(t, 0, once...)
	s.issued("a-tls", "*.persist.example.com")
}

// TestLiveRunRole: kustomize/runner-namespaced/rbac.yaml is all that a run in one namespace needs.
func TestLiveRunRole(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com")
	role, err := os.ReadFile(filepath.Join("..", "..", "kustomize", "runner-namespaced", "rbac.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s.client, string(role)+`---
apiVersion: v1
kind: ServiceAccount
metadata: {name: run, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: run, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kubectl-certs-run}
subjects: [{kind: ServiceAccount, name: run, namespace: shop}]
`)
	binding := `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: run}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubectl-certs-cert-manager-lease}
subjects: [{kind: ServiceAccount, name: run, namespace: shop}]
`
	file := s.file("role", "{http01: {}}", "expose:\n"+expose("a", "role", "a.example.com"))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(text), "- name: role\n", "- name: role\n  namespace: shop\n", 1))
	certs(t, 0, "apply", "-f", file)
	flags := append([]string{"-n", "shop", "--as", "system:serviceaccount:shop:run"}, s.static()...)
	once := append([]string{"run", "--once"}, flags...)
	if _, talk := certs(t, 2, once...); !strings.Contains(talk, "error: check whether cert-manager is running: read Lease kube-system/cert-manager-controller: ") ||
		!strings.Contains(talk, "--ignore-cert-manager") {
		t.Errorf("without the right to see cert-manager, the run says\n%s", talk)
	}
	_, talk := certs(t, 0, append(once, "--ignore-cert-manager")...)
	if !strings.Contains(talk, "note: no permission to list clusterissuers: skipped") {
		t.Errorf("the run says\n%s", talk)
	}
	s.issued("a-tls", "a.example.com")
	apply(t, s.client, binding)
	background(t, "kubectl-certs", append([]string{"run"}, flags...)...)
	if err := s.client.Resource(secretsOf).Namespace("shop").Delete(t.Context(), "a-tls", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.eventually("a-tls", "a.example.com")
}

// TestLiveRunIssuerAndCertificateFields: everything an issuer and a certificate may ask for goes
// through to the CA: EAB, a profile, IP addresses, 100 names, kinds of keys,
// keystores.
func TestLiveRunIssuerAndCertificateFields(t *testing.T) {
	s := startIssuing(t)
	makeSecret(t, s.client, "eab", "hmac", s.Env["ACME_EAB_HMAC"])
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("m%d.example.com", i))
	}
	s.names(append(many, "rsa.example.com", "ec.example.com")...)
	file := s.file("kinds", "{http01: {}}", `certificates:
- {name: many, namespace: shop, issuer: kinds, dnsNames: ["`+strings.Join(many, `", "`)+`"], privateKey: {algorithm: ECDSA, size: 384}}
- {name: ip, namespace: shop, issuer: kinds, ipAddresses: [127.0.0.1], privateKey: {algorithm: ECDSA}}
- {name: rsa, namespace: shop, issuer: kinds, dnsNames: [rsa.example.com], commonName: rsa.example.com, privateKey: {algorithm: RSA, size: 3072, encoding: PKCS8}}
- name: ec
  namespace: shop
  issuer: kinds
  dnsNames: [ec.example.com]
  privateKey: {algorithm: ECDSA}
  additionalOutputFormats: [{type: DER}, {type: CombinedPEM}]
  keystores:
    pkcs12: {create: true, profile: Modern2023, passwordSecretRef: {name: password, key: p}}
    jks: {create: true, passwordSecretRef: {name: password, key: p}}
  secretTemplate: {labels: {team: shop}, annotations: {note: hello}}
`)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(text), "acme: {", "acme: {profile: shortlived, externalAccountBinding: {keyID: "+s.Env["ACME_EAB_KID"]+", keySecretRef: {name: eab, key: hmac}}, ", 1))
	apply(t, s.client, "apiVersion: v1\nkind: Secret\nmetadata: {name: password, namespace: shop}\nstringData: {p: secret-word}\n")
	out, talk := certs(t, 0, append([]string{"run", "--once", "-f", file}, s.static()...)...)
	if strings.Contains(out+talk, "secret-word") || strings.Contains(out+talk, s.Env["ACME_EAB_HMAC"]) {
		t.Error("a secret is printed")
	}
	s.issued("many", many...)
	s.issued("ip", "127.0.0.1")
	s.issued("rsa", "rsa.example.com")
	s.issued("ec", "ec.example.com")
	secret, err := s.client.Resource(secretsOf).Namespace("shop").Get(t.Context(), "ec", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	data := secret.Object["data"].(map[string]any)
	for _, key := range []string{"key.der", "tls-combined.pem", "keystore.p12", "keystore.jks"} {
		if data[key] == nil {
			t.Errorf("%s is missing", key)
		}
	}
	p12, err := base64.StdEncoding.DecodeString(data["keystore.p12"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if _, cert, _, err := pkcs12.DecodeChain(p12, "secret-word"); err != nil || cert.DNSNames[0] != "ec.example.com" {
		t.Errorf("keystore.p12: %v %v", cert, err)
	}
	if got := secret.GetLabels()["team"] + secret.GetAnnotations()["note"]; got != "shophello" {
		t.Errorf("the template gives %q", got)
	}
	if out, _ := certs(t, 0, "run", "--dry-run", "-f", file); out != "" {
		t.Errorf("after all that, there is to issue\n%s", out)
	}
}

// TestLiveRunRenewalInfo: the CA says when (RFC 9773), and orders name what the
// new certificate replaces.
func TestLiveRunRenewalInfo(t *testing.T) {
	s := startIssuing(t)
	s.names("a.example.com")
	file := s.file("ari", "{http01: {}}", "expose:\n"+expose("a", "ari", "a.example.com"))
	once := append([]string{"run", "--once", "-f", file}, s.static()...)
	certs(t, 0, once...)
	before := s.issued("a-tls", "a.example.com")
	if out, _ := certs(t, 0, append(once, "--dry-run")...); out != "" {
		t.Fatalf("due at once\n%s", out)
	}
	s.suggest("a-tls", time.Now().Add(-time.Second), time.Now().Add(time.Second))
	time.Sleep(1100 * time.Millisecond)
	out, _ := certs(t, 0, append(once, "--dry-run")...)
	if !strings.Contains(out, "due by the CA's renewal information") {
		t.Errorf("the plan says\n%s", out)
	}
	certs(t, 0, once...)
	if after := s.issued("a-tls", "a.example.com"); after == before {
		t.Error("not renewed")
	}
}

// suggest has Pebble suggest a window for the renewal of a Secret's certificate.
func (s issuing) suggest(secret string, start, end time.Time) {
	s.t.Helper()
	o, err := s.client.Resource(secretsOf).Namespace("shop").Get(s.t.Context(), secret, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	chain, err := base64.StdEncoding.DecodeString(o.Object["data"].(map[string]any)["tls.crt"].(string))
	if err != nil {
		s.t.Fatal(err)
	}
	block, _ := pem.Decode(chain)
	window := fmt.Sprintf(`{"suggestedWindow": {"start": %q, "end": %q}}`, start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))
	body, err := json.Marshal(map[string]string{"certificate": string(pem.EncodeToMemory(block)), "ariResponse": window})
	if err != nil {
		s.t.Fatal(err)
	}
	ca, err := os.ReadFile(s.Env["ACME_CA"])
	if err != nil {
		s.t.Fatal(err)
	}
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(s.t, ca)}}}
	answer, err := client.Post(s.Env["ACME_MANAGEMENT"]+"/set-renewal-info/", "application/json", bytes.NewReader(body))
	if err != nil || answer.StatusCode >= 300 {
		s.t.Fatalf("set renewal information: %v %v", answer, err)
	}
	answer.Body.Close()
}
