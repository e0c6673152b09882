package cmd_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// signer is a CA or a server's certificate, with its key.
type signer struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newRoot makes a root that only the test has.
func newRoot(t *testing.T, name string) signer {
	t.Helper()
	return signer{t: t}.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true})
}

// below makes a CA that this one signs.
func (s signer) below(name string) signer {
	return s.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true})
}

func (s signer) leaf(name string) signer {
	return s.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}})
}

// issue fills in a template and signs it; a zero signer signs roots.
func (s signer) issue(template *x509.Certificate) signer {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template.BasicConstraintsValid = true
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-48 * time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(100*24*time.Hour + time.Minute)
	}
	parent, by := s.cert, s.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		s.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	return signer{s.t, cert, key}
}

func (s signer) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert.Raw}))
}

func (s signer) keyPEM() string {
	s.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// fill puts certificates and keys into a text, two templates a name: {NAME} is
// its PEM, {NAME.key} its key, both as YAML strings.
func fill(text string, signers map[string]signer) string {
	for name, s := range signers {
		quote := func(text string) string { q, _ := json.Marshal(text); return string(q) }
		text = strings.ReplaceAll(text, "{"+name+"}", quote(s.pem()))
		text = strings.ReplaceAll(text, "{"+name+".key}", quote(s.keyPEM()))
	}
	return text
}

// put applies manifests.
func (l lab) put(client dynamic.Interface, text string) {
	l.t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(l.Dir, "kubeconfig"))
	if err != nil {
		l.t.Fatal(err)
	}
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		l.t.Fatal(err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered))
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var u unstructured.Unstructured
		if decoder.Decode(&u.Object) != nil || u.Object == nil {
			return
		}
		mapping, err := mapper.RESTMapping(u.GroupVersionKind().GroupKind(), u.GroupVersionKind().Version)
		if err != nil {
			l.t.Fatal(err)
		}
		var at dynamic.ResourceInterface = client.Resource(mapping.Resource)
		if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
			if u.GetNamespace() == "" {
				u.SetNamespace("default")
			}
			at = client.Resource(mapping.Resource).Namespace(u.GetNamespace())
		}
		if _, err := at.Apply(l.t.Context(), u.GetName(), &u, metav1.ApplyOptions{FieldManager: "test", Force: true}); err != nil {
			l.t.Fatalf("%s %s: %v", u.GetKind(), u.GetName(), err)
		}
	}
}

const needing = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: web-tls, namespace: shop, annotations: {cert-manager.io/issuer-name: corp, cert-manager.io/issuer-kind: ClusterIssuer}}, stringData: {tls.crt: {web}, tls.key: {web.key}, ca.crt: {old}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: api-tls, namespace: shop}, stringData: {tls.crt: {api}, tls.key: {api.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: new-tls, namespace: shop}, stringData: {tls.crt: {fresh}, tls.key: {fresh.key}, ca.crt: {new}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: gone-tls, namespace: shop}, stringData: {tls.crt: {gone}, tls.key: {gone.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: corp-ca, namespace: cert-manager}, stringData: {tls.crt: {old}, tls.key: {old.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: mid-ca, namespace: shop}, stringData: {tls.crt: {mid}, tls.key: {mid.key}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}, stringData: {server.crt: {db}, server.key: {db.key}, password: hunter2}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: roots, namespace: shop}, data: {ca.crt: {old}, other: text}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: corp}, spec: {ca: {secretName: corp-ca}}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}, spec: {tls: [{hosts: [web.example.com], secretName: web-tls}], defaultBackend: {service: {name: s, port: {number: 80}}}}}
---
{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: vs, namespace: shop}, spec: {host: web.example.com, tls: {secret: web-tls}}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: default}, spec: {gatewayClassName: x, listeners: [{name: a, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: api-tls, namespace: shop}]}}]}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: web, namespace: shop}, spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {name: corp, kind: ClusterIssuer}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop}, spec: {containers: [{name: c, image: i, envFrom: [{secretRef: {name: db}}]}], volumes: [{name: v, secret: {secretName: web-tls}}]}}
`

// TestLiveUsage: everybody who needs a CA is found in a real cluster, with
// who uses it, and nothing else; and no key is shown.
func TestLiveUsage(t *testing.T) {
	l := startLab(t)
	client := l.client()
	makeNamespaces(t, client, "shop", "cert-manager")
	old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
	mid := old.below("Issuing 1")
	gone := mid.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "gone"}, NotAfter: time.Now().Add(-25 * time.Hour)})
	signers := map[string]signer{
		"old": old, "new": fresh, "mid": mid, "gone": gone,
		"web": old.leaf("web.example.com"), "api": mid.leaf("api.example.com"), "db": old.leaf("db.example.com"), "fresh": fresh.leaf("new.example.com"),
	}
	l.put(client, fill(needing, signers))
	dir := t.TempDir()
	oldFile := write(t, filepath.Join(dir, "old.pem"), old.pem())
	newFile := write(t, filepath.Join(dir, "new.pem"), fresh.pem())

	out, talk := certs(t, 1, "trust", "usage", oldFile)
	want := `NAMESPACE      SECRET    CERTIFICATE       EXPIRES   CHAIN                        USED-BY
cert-manager   corp-ca   CN=Old Root       100d      itself                       ClusterIssuer/corp
shop           api-tls   api.example.com   100d      CN=Issuing 1 → CN=Old Root   Gateway/default/edge
shop           db        db.example.com    100d      CN=Old Root                  Pod/web-1
shop           web-tls   web.example.com   100d      CN=Old Root                  Ingress/web, VirtualServer/vs, Pod/web-1, Certificate/web
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantTalk := "CN=Old Root, until " + old.cert.NotAfter.UTC().Format(time.DateOnly) + ", sha256 " + pki.Fingerprint(old.cert) + `
4 Secrets need it; issuers sign with 1 of them
not counted (-o wide lists them): 1 expired, 1 is an unused CA certificate, 2 trusts it
`
	if diff := cmp.Diff(wantTalk, talk); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, s := range signers {
		if body := strings.Split(s.keyPEM(), "\n")[1]; strings.Contains(out+talk, body[:40]) {
			t.Error("a key is shown")
		}
	}

	// By fingerprint, the cluster itself has the CA.
	byPin, _ := certs(t, 1, "trust", "usage", pki.Fingerprint(old.cert))
	if diff := cmp.Diff(out, byPin); diff != "" {
		t.Errorf("by fingerprint (-want +got):\n%s", diff)
	}
	_, talk = certs(t, 2, "trust", "usage", strings.Repeat("00:", 31)+"00")
	if !strings.Contains(talk, "error: no Secret or ConfigMap has a CA with fingerprint sha256:0000") {
		t.Errorf("an unknown fingerprint says\n%s", talk)
	}

	// An intermediate of its own, a namespace, and a CA that nothing needs.
	out, _ = certs(t, 1, "trust", "usage", write(t, filepath.Join(dir, "mid.pem"), mid.pem()), "-n", "shop")
	if strings.Count(out, "\n") != 2 || !strings.Contains(out, "api-tls") {
		t.Errorf("the intermediate is needed by\n%s", out)
	}
	certs(t, 0, "trust", "usage", oldFile, "-n", "default")
	_, talk = certs(t, 0, "trust", "usage", write(t, filepath.Join(dir, "else.pem"), newRoot(t, "Else").pem()))
	if !strings.Contains(talk, "no certificate in the cluster needs it") {
		t.Errorf("an unknown CA says\n%s", talk)
	}

	// What another root vouches for too, by what is sent, needs the CA no more.
	certs(t, 1, "trust", "usage", oldFile, "--also-trusted", newFile)
	chain, err := json.Marshal(signers["api"].pem() + mid.pem() + signer{t: t, cert: crossSigned(t, fresh, mid)}.pem())
	if err != nil {
		t.Fatal(err)
	}
	l.put(client, fill(`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: api-tls, namespace: shop}, stringData: {tls.crt: `+string(chain)+`, tls.key: {api.key}}}`,
		map[string]signer{"api": signers["api"]}))
	out, _ = certs(t, 1, "trust", "usage", oldFile, "--also-trusted", newFile, "-o", "wide")
	if !strings.Contains(out, "no: CN=New Root also validates it") {
		t.Errorf("cross-signed:\n%s", out)
	}

	var v struct {
		Kind   string
		Needed bool
		CAs    []struct{ Subject, SHA256 string }
		Items  []struct {
			Namespace, Name, Role, Issuer string
			Needs                         bool
			UsedBy, Chain                 []string
		}
	}
	out, _ = certs(t, 1, "trust", "usage", oldFile, "-o", "json")
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if v.Kind != "CAUseList" || !v.Needed || len(v.Items) != 8 || v.CAs[0].SHA256 != pki.Fingerprint(old.cert) {
		t.Errorf("as JSON:\n%s", out)
	}
}

// crossSigned is a CA's certificate by another root.
func crossSigned(t *testing.T, by, ca signer) *x509.Certificate {
	t.Helper()
	template := *ca.cert
	der, err := x509.CreateCertificate(rand.Reader, &template, by.cert, ca.key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

const halfRights = `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: half}, rules: [{apiGroups: [""], resources: [secrets, pods, configmaps], verbs: [get, list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: half}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: half}, subjects: [{kind: User, name: half, apiGroup: rbac.authorization.k8s.io}]}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: roots, namespace: shop}, data: {ca.crt: {both}}}
`

// TestLiveTrustRights: missing rights are reported, and a CA is not
// removed on what was not seen.
func TestLiveTrustRights(t *testing.T) {
	l := startLab(t)
	old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
	both, err := json.Marshal(old.pem() + fresh.pem())
	if err != nil {
		t.Fatal(err)
	}
	l.put(l.client(), strings.ReplaceAll(halfRights, "{both}", string(both)))
	dir := t.TempDir()
	oldFile := write(t, filepath.Join(dir, "old.pem"), old.pem())
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	write(t, filepath.Join(dir, "roots.pem"), old.pem()+fresh.pem())
	file := write(t, filepath.Join(dir, "rotation.yaml"), `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: corp}
old: [old.pem]
new: [new.pem]
bundle: roots.pem
locations: [configmap/shop/roots]
`)
	for _, args := range [][]string{{"usage", oldFile}, {"rotate", "next", "-f", file}} {
		if _, talk := certs(t, 2, append([]string{"trust", "--as", "nobody"}, args...)...); !strings.HasPrefix(talk, `error: list Secrets: secrets is forbidden: User "nobody" cannot list`) {
			t.Errorf("not reported\n%s", talk)
		}
	}
	// Without any Secret that has to do with the CA, nothing is asked about issuers.
	certs(t, 0, "trust", "--as", "half", "usage", oldFile)
	l.put(l.client(), fill(`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: corp-ca, namespace: shop}, stringData: {tls.crt: {old}, tls.key: {old.key}}}`, map[string]signer{"old": old}))
	_, talk := certs(t, 2, "trust", "--as", "half", "usage", oldFile)
	if !strings.Contains(talk, "note: listing issuers is forbidden, so the result may be incomplete\n") || !strings.Contains(talk, "error: cannot tell whether an issuer signs with secret/shop/corp-ca: listing ") {
		t.Errorf("partly reported\n%s", talk)
	}
	certs(t, 0, "trust", "rotate", "status", "-f", file, "--gate", "drained")
	out, _ := certs(t, 1, "trust", "--as", "half", "rotate", "next", "-f", file)
	if !strings.Contains(out, "cluster: listing issuers is forbidden, so the result may be incomplete\n") {
		t.Errorf("partly reported\n%s", out)
	}
	certs(t, 0, "trust", "rotate", "next", "-f", file, "--dry-run")
	certs(t, 0, "trust", "--as", "half", "verify", filepath.Join(dir, "roots.pem"), "--in", "configmap/shop/roots")
	if _, talk = certs(t, 2, "trust", "--as", "nobody", "verify", oldFile, "--in", "configmap/shop/roots"); !strings.Contains(talk, "forbidden") {
		t.Errorf("not reported\n%s", talk)
	}
}
