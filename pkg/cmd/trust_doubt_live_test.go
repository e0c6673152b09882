package cmd_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const hiding = `
{apiVersion: v1, kind: Secret, metadata: {name: multi, namespace: shop}, stringData: {certs.pem: {two}, keys.pem: {web.key}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: cacerts, namespace: istio-system}, stringData: {ca-cert.pem: {istio}, ca-key.pem: {istio.key}, cert-chain.pem: {istio}, root-cert.pem: {old}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: istio-system}}
---
{apiVersion: v1, kind: Pod, metadata: {name: istiod, namespace: istio-system}, spec: {containers: [{name: c, image: i}], volumes: [{name: v, secret: {secretName: cacerts}}]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: labelled, namespace: shop}, stringData: {server.pem: {labelled}, server.key: {web.key}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: der, namespace: shop}, data: {server.der: {der}}, stringData: {server.key: {web.key}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: client, namespace: shop}, stringData: {client.pem: {fresh}, client.key: {fresh.key}, trusted.pem: {old}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: corp-ca, namespace: pki}, stringData: {tls.crt: {old}, tls.key: {old.key}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: corp-ca, namespace: cert-manager}, stringData: {unrelated: "yes"}}
---
{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: corp}, spec: {ca: {secretName: corp-ca}}}
`

const unclear = `
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: api-tls, namespace: shop}, stringData: {tls.crt: {api}, tls.key: {api.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: odd-tls, namespace: shop}, stringData: {tls.crt: {odd}, tls.key: {web.key}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: empty-tls, namespace: shop}, data: {tls.crt: "", tls.key: ""}}
`

// TestLiveTrustUsageUnknown: certificates that a Secret hides in any way are found,
// and where the result is unknown, the CA must stay.
func TestLiveTrustUsageUnknown(t *testing.T) {
	l := startLab(t)
	client := l.client()
	makeNamespaces(t, client, "shop", "pki", "cert-manager", "istio-system")
	old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
	issuing := old.below("Issuing 1")
	signers := map[string]signer{"old": old, "web": old.leaf("web"), "fresh": fresh.leaf("fresh"), "istio": old.below("Istio CA"), "api": issuing.leaf("api")}
	texts := map[string]any{
		"two":      signers["fresh"].pem() + signers["web"].pem(),
		"labelled": strings.ReplaceAll(signers["web"].pem(), " CERTIFICATE", " X509 CERTIFICATE"),
		"der":      signers["web"].cert.Raw, // base64 as JSON
		"odd":      string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: oddCurve(signers["web"].cert.Raw)})),
	}
	manifests := func(text string) string {
		for name, value := range texts {
			quoted, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			text = strings.ReplaceAll(text, "{"+name+"}", string(quoted))
		}
		return fill(text, signers)
	}
	dir := t.TempDir()
	oldFile := write(t, filepath.Join(dir, "old.pem"), old.pem())
	newFile := write(t, filepath.Join(dir, "new.pem"), fresh.pem())

	// What is unclear counts neither as yes nor as no.
	l.put(client, manifests(unclear))
	_, talk := certs(t, 2, "trust", "usage", oldFile, "--also-trusted", newFile)
	_, talk, _ = strings.Cut(talk, "\n")
	want := `no certificate in the cluster is known to need it
unknown: secret/shop/api-tls: tls.crt: the chain of api ends at CN=Issuing 1, which is unknown
unknown: secret/shop/odd-tls: tls.crt: cannot parse a certificate in it: unsupported elliptic curve
error: cannot tell whether 2 Secrets need it
hint: give the CAs that chains lead to as files: --also-trusted ca/other.pem
`
	if diff := cmp.Diff(want, talk); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	issuingFile := write(t, filepath.Join(dir, "issuing.pem"), issuing.pem())
	if out, _ := certs(t, 1, "trust", "usage", oldFile, "--also-trusted", newFile+","+issuingFile); !strings.Contains(out, "CN=Issuing 1 → CN=Old Root") {
		t.Errorf("with the intermediate:\n%s", out)
	}

	// The old CA left the bundle: what is unclear still keeps the gate shut.
	write(t, filepath.Join(dir, "roots.pem"), fresh.pem())
	rotation := `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: corp}
old: [old.pem]
new: [new.pem]
bundle: roots.pem
locations: [corp-roots]
`
	file := write(t, filepath.Join(dir, "rotation.yaml"), rotation)
	roots, _ := json.Marshal(fresh.pem())
	l.put(client, `{apiVersion: v1, kind: ConfigMap, metadata: {name: corp-roots, namespace: shop}, data: {ca.crt: `+string(roots)+`}}`)
	out, _ := certs(t, 1, "trust", "rotate", "status", "-f", file, "--gate", "done")
	if !strings.Contains(out, "secret/shop/api-tls: tls.crt: the chain of api ends at CN=Issuing 1, which is unknown, so it may be issued under CN=Old Root\n  add a file with that CA to others; or, if it is not under the old CA, add the Secret to ignore\n") {
		t.Errorf("says\n%s", out)
	}
	certs(t, 1, "trust", "rotate", "status", "-f", file, "--gate", "drained")
	write(t, filepath.Join(dir, "rotation.yaml"), rotation+"others: [issuing.pem]\n")
	if out, _ := certs(t, 1, "trust", "rotate", "status", "-f", file, "--gate", "drained"); strings.Contains(out, "leads to CN=Issuing 1") {
		t.Errorf("with others:\n%s", out)
	}

	write(t, filepath.Join(dir, "rotation.yaml"), rotation+"ignore: [secret/shop/api-tls, secret/shop/odd-tls]\n")
	if _, talk := certs(t, 0, "trust", "rotate", "status", "-f", file, "--gate", "done"); !strings.Contains(talk, "warning: secret/shop/api-tls is in ignore, but key tls.crt may still need the old CA: the chain of api ends at CN=Issuing 1") {
		t.Errorf("with ignore:\n%s", talk)
	}

	// The API server verifies a webhook by a CA that is nowhere else.
	hook := newRoot(t, "Hook CA")
	l.put(client, fill(`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: hook, namespace: pki}, stringData: {tls.crt: {hook}, tls.key: {hook.key}}}`, map[string]signer{"hook": hook.leaf("hook")}))
	if _, talk := certs(t, 2, "trust", "usage", oldFile, "-n", "pki"); !strings.Contains(talk, "unknown: secret/pki/hook: tls.crt: the chain of hook ends at CN=Hook CA, ") {
		t.Errorf("without the webhook:\n%s", talk)
	}
	l.put(client, `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: hook}, webhooks: [{name: hook.example.com, admissionReviewVersions: [v1], sideEffects: None,
		clientConfig: {url: "https://hook.example.com", caBundle: `+base64.StdEncoding.EncodeToString([]byte(hook.pem()))+`}}]}`)
	certs(t, 0, "trust", "usage", oldFile, "-n", "pki")

	l.put(client, manifests(hiding))
	out, _ = certs(t, 1, "trust", "usage", oldFile, "--also-trusted", newFile)
	wantOut := `NAMESPACE      SECRET     CERTIFICATE   EXPIRES   CHAIN         USED-BY
istio-system   cacerts    CN=Istio CA   100d      CN=Old Root   Pod/istiod
pki            corp-ca    CN=Old Root   100d      itself        ClusterIssuer/corp
shop           der        web           100d      CN=Old Root   -
shop           labelled   web           100d      CN=Old Root   -
shop           multi      web           100d      CN=Old Root   -
`
	if diff := cmp.Diff(wantOut, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out, _ = certs(t, 1, "trust", "usage", oldFile, "--also-trusted", newFile, "--cluster-resource-namespace", "cert-manager")
	if strings.Contains(out, "corp-ca") {
		t.Errorf("where ClusterIssuers have their Secrets in another namespace:\n%s", out)
	}
	_, talk = certs(t, 2, "trust", "usage", oldFile, "-n", "nons")
	if talk != "error: namespace \"nons\" not found\n" {
		t.Errorf("says\n%s", talk)
	}

	// A location that may not be read does not count as the same.
	l.put(client, `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: some}, rules: [{apiGroups: [""], resources: [secrets, pods, namespaces], verbs: [get, list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: some}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: some}, subjects: [{kind: User, name: some, apiGroup: rbac.authorization.k8s.io}]}
---
{apiVersion: v1, kind: Secret, metadata: {name: corp-roots, namespace: shop}, stringData: {ca.crt: `+string(roots)+`}}
`)
	out, _ = certs(t, 1, "trust", "verify", newFile, "--in", "corp-roots", "--as", "some")
	if !strings.Contains(out, "corp-roots (ConfigMaps)") || !strings.Contains(out, "listing is forbidden") {
		t.Errorf("says\n%s", out)
	}
}

// oddCurve makes a certificate one on a curve that Go does not have.
func oddCurve(der []byte) []byte {
	p256 := []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}
	return bytes.Replace(der, p256, append(bytes.Clone(p256[:7]), 0x02), 1) // prime192v2
}

// TestLiveRotationBundle: a file that is not a bundle is not written over, and a
// bundle that is not there not made without what locations have.
func TestLiveRotationBundle(t *testing.T) {
	l := startLab(t)
	client := l.client()
	makeNamespaces(t, client, "shop")
	old, fresh, one := newRoot(t, "Old Root"), newRoot(t, "New Root"), newRoot(t, "Root One")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "old.pem"), old.pem())
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	held, _ := json.Marshal(old.pem() + one.pem())
	manifest := `{apiVersion: v1, kind: ConfigMap, metadata: {name: corp-roots, namespace: shop}, data: {ca.crt: ` + string(held) + `}}`
	l.put(client, manifest)
	rotate := func(code int, bundle string) (out, talk string) {
		file := write(t, filepath.Join(dir, "rotation.yaml"), `apiVersion: kubectl-certs.dev/v1alpha1
kind: Rotation
metadata: {name: corp}
old: [old.pem]
new: [new.pem]
bundle: `+bundle+`
locations: [corp-roots]
`)
		return certs(t, code, "trust", "rotate", "next", "-f", file)
	}
	out, talk := rotate(1, "typo.pem")
	if !strings.Contains(out, "configmap/shop/corp-roots: has CN=Root One, ") || !strings.Contains(talk, "next: set bundle in ") {
		t.Errorf("says\n%s%s", out, talk)
	}
	bundle := write(t, filepath.Join(dir, "cm.yaml"), manifest)
	if _, talk := rotate(2, "cm.yaml"); !strings.Contains(talk, bundle+": line 1 is neither a certificate nor a comment and would be lost when the bundle is rewritten\n") {
		t.Errorf("says\n%s", talk)
	}
	write(t, filepath.Join(dir, "roots.pem"), "# ask Jane\n"+one.pem())
	if out, talk := rotate(0, "roots.pem"); strings.Count(out, "roots.pem: + ") != 2 || !strings.Contains(talk, "warning: comments in roots.pem are replaced") {
		t.Errorf("says\n%s%s", out, talk)
	}
}
