package cmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

const followSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: follow}
issuers:
- {name: corp, private: {commonName: Corp Root, duration: 87600h}}
- {name: team, namespace: cert-manager, private: {commonName: Team Root}}
certificates:
- {name: wiki, namespace: shop, issuer: corp, dnsNames: [wiki.internal]}
trust:
- {name: new-roots, fromIssuers: [team, corp], to: {trust-manager: {version: v1alpha2}}}
- {name: corp-roots, from: [roots.pem], fromIssuers: [corp], to: {trust-manager: {}}}
`

// TestLiveTrustPrivate: Bundles read the roots where cert-manager puts them, in
// the form that the API server keeps, and renewal of a root leaves trust as it is.
func TestLiveTrustPrivate(t *testing.T) {
	built(t, "lab-cert-manager", "make -C lab full")
	l := startLab(t)
	applyCRDs(t)
	makeNamespaces(t, l.client(), "cert-manager", "shop")
	startCertManager(t, l)
	p := clusterChecks{t, l.client()}
	file := writeTrust(t, followSpec)
	out, _ := certs(t, 0, "apply", "-f", file)
	want := "clusterissuer.cert-manager.io/corp-selfsigned created\nissuer.cert-manager.io/team-selfsigned created\n" +
		"certificate.cert-manager.io/corp-ca created\ncertificate.cert-manager.io/team-ca created\n" +
		"clusterissuer.cert-manager.io/corp created\nissuer.cert-manager.io/team created\n" +
		"certificate.cert-manager.io/wiki created\nclusterbundle.trust-manager.io/new-roots created\nbundle.trust.cert-manager.io/corp-roots created\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("apply (-want +got):\n%s", diff)
	}
	p.ready("Certificate", "cert-manager", "team-ca")
	p.ready("Certificate", "shop", "wiki")
	root := p.followed()
	p.issued("wiki", roots(t, root), "wiki.internal")
	p.copied("corp-ca", root)
	wiki := p.secret("shop", "wiki")["tls.crt"]
	certs(t, 0, "diff", "--live", "-f", file)
	p.verified(l, file, root)

	write(t, file, strings.Replace(followSpec, "87600h", "43800h", 1)) // which renews the root
	certs(t, 0, "apply", "-f", file)
	await(t, "another root", func() string {
		if bytes.Equal(p.secret("cert-manager", "corp-ca")["ca.crt"], root) {
			return "is the old one"
		}
		return ""
	})
	p.ready("Certificate", "cert-manager", "corp-ca")
	p.issued("wiki", roots(t, p.followed()), "wiki.internal")
	p.copied("corp-ca", p.followed())
	if !bytes.Equal(p.secret("shop", "wiki")["tls.crt"], wiki) {
		t.Error("the certificate is another one; whether the new root is good for the old one is not seen")
	}
}

// verified wants verify to compare what trust-manager makes of the Bundle, here
// the test, with the files and the root in the cluster.
func (p clusterChecks) verified(l lab, file string, root []byte) {
	p.t.Helper()
	own, err := os.ReadFile(filepath.Join(filepath.Dir(file), "roots.pem"))
	if err != nil {
		p.t.Fatal(err)
	}
	for text, want := range map[string]string{string(own) + string(root): "same", string(own): "differs", string(own) + string(root) + string(newRoot(l.t.(*testing.T), "Other").pem()): "differs"} {
		quoted, _ := json.Marshal(text)
		l.put(p.client, `{apiVersion: v1, kind: ConfigMap, metadata: {name: corp-roots, namespace: shop}, data: {ca.crt: `+string(quoted)+`}}`)
		out, _ := certs(p.t, 1, "trust", "verify", "-f", file) // of the other namespaces none has it
		i := strings.Index(out, "configmap/shop/corp-roots:ca.crt ")
		if line, _, _ := strings.Cut(out[max(i, 0):], "\n"); i < 0 || !strings.HasSuffix(line, " "+want) {
			p.t.Errorf("want %s:\n%s", want, out)
		}
	}
}

// followed is the root that the Bundles find in the Secret they name.
func (p clusterChecks) followed() []byte {
	p.t.Helper()
	sources, _, _ := unstructured.NestedSlice(p.get("Bundle", "", "corp-roots").Object, "spec", "sources")
	if len(sources) != 2 {
		p.t.Fatalf("sources of the Bundle are %v", sources)
	}
	secret, _, _ := unstructured.NestedStringMap(sources[1].(map[string]any), "secret")
	refs, _, _ := unstructured.NestedSlice(p.get("ClusterBundle", "", "new-roots").Object, "spec", "sourceRefs")
	want := []any{
		map[string]any{"kind": "Secret", "name": "team-ca", "key": secret["key"]},
		map[string]any{"kind": "Secret", "name": secret["name"], "key": secret["key"]},
	}
	if diff := cmp.Diff(want, refs); diff != "" {
		p.t.Errorf("sources of the ClusterBundle (-want +got):\n%s", diff)
	}
	root := p.secret("cert-manager", secret["name"])[secret["key"]]
	found, err := pki.Parse(root)
	if err != nil || len(found) != 1 || found[0].CheckSignatureFrom(found[0]) != nil {
		p.t.Fatalf("the root is %v, %v", found, err)
	}
	return root
}

// copied wants the Secret of a root, as kubectl prints it, to become a bundle
// of the root alone.
func (p clusterChecks) copied(secret string, root []byte) {
	p.t.Helper()
	text, err := json.Marshal(p.get("Secret", "cert-manager", secret))
	if err != nil {
		p.t.Fatal(err)
	}
	out, _ := certs(p.t, 0, "trust", "bundle", write(p.t, filepath.Join(p.t.TempDir(), "secret.json"), string(text)))
	if !strings.HasSuffix(out, string(root)) || strings.Count(out, "-----BEGIN") != 1 {
		p.t.Errorf("the bundle is\n%s", out)
	}
}
