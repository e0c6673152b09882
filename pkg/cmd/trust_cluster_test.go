package cmd_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrusted(t *testing.T)     { onKube(t, trustTests) }
func TestLiveTrusted(t *testing.T) { onLab(t, trustTests) }

// quoted is a text as a string of JSON, and of YAML.
func quoted(text string) string {
	q, _ := json.Marshal(text)
	return string(q)
}

var trustTests = clusterTests{
	"trust verify compares what a trust location has with the file": func(t *testing.T, c testCluster) {
		old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
		file := c.file("roots.pem", old.pem()+fresh.pem())
		c.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: roots, namespace: shop}\ndata: {ca.crt: " + quoted(old.pem()) + "}\n")
		verify := func(code int, want ...string) {
			t.Helper()
			out, talk := c.certs(code, "trust", "verify", file, "--in", "configmap/shop/roots")
			for _, part := range want {
				if !strings.Contains(out+talk, part) {
					t.Errorf("%q is missing of\n%s%s", part, out, talk)
				}
			}
		}
		verify(1, "configmap/shop/roots   1              differs\n", "configmap/shop/roots: lacks CN=New Root, until ", "2 certificates, 1 location: 0 same, 1 different\n")
		c.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: roots, namespace: shop}\ndata: {ca.crt: " + quoted(fresh.pem()+old.pem()) + "}\n")
		verify(0, "configmap/shop/roots   2              same\n", "2 certificates, 1 location: 1 same, 0 different\n")
		c.file("roots.pem", fresh.pem())
		verify(1, "configmap/shop/roots: also has CN=Old Root, until ")
		out, _ := c.certs(1, "trust", "verify", file, "--in", "configmap/shop/absent")
		if !strings.Contains(out, "configmap/shop/absent   0              not found\n") {
			t.Errorf("without the ConfigMap\n%s", out)
		}
	},

	"trust verify finds no difference after apply": func(t *testing.T, c testCluster) {
		c.file("roots.pem", newRoot(t, "Root").pem())
		file := c.file("certs.yaml", "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: shop}\ntrust: [{name: corp, from: [roots.pem], to: {configmap: {namespaces: [shop]}}}]\n")
		const head = "LOCATION                     CERTIFICATES   STATUS\nconfigmap/shop/corp:ca.crt   "
		out, talk := c.certs(1, "trust", "verify", "-f", file)
		if diff := cmp.Diff(head+"0              not found\n1 certificate, 1 location: 0 same, 1 different\n", out+talk); diff != "" {
			t.Errorf("before (-want +got):\n%s", diff)
		}
		c.certs(0, "apply", "-f", file)
		out, talk = c.certs(0, "trust", "verify", "-f", file)
		if diff := cmp.Diff(head+"1              same\n1 certificate, 1 location: 1 same, 0 different\n", out+talk); diff != "" {
			t.Errorf("afterwards (-want +got):\n%s", diff)
		}
	},

	"trust usage lists the Secrets that a CA signed, and who uses them": func(t *testing.T, c testCluster) {
		old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
		c.apply(strings.TrimSpace(fill(`
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: web-tls, namespace: shop}, stringData: {tls.crt: {web}, tls.key: {web.key}, ca.crt: {old}}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}, spec: {tls: [{secretName: web-tls}], defaultBackend: {service: {name: s, port: {number: 80}}}}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: new-tls, namespace: shop}, stringData: {tls.crt: {other}, tls.key: {other.key}, ca.crt: {new}}}`,
			map[string]signer{"web": old.leaf("web.example.com"), "old": old, "other": fresh.leaf("other.example.com"), "new": fresh})))
		out, talk := c.certs(1, "trust", "usage", c.file("old.pem", old.pem()))
		want := "NAMESPACE   SECRET    CERTIFICATE       EXPIRES   CHAIN         USED-BY\nshop        web-tls   web.example.com   100d      CN=Old Root   Ingress/web\n"
		if diff := cmp.Diff(want, out); diff != "" || !strings.Contains(talk, "\n1 Secret needs it\n") {
			t.Errorf("says\n%s(-want +got):\n%s", talk, diff)
		}
		out, talk = c.certs(0, "trust", "usage", c.file("third.pem", newRoot(t, "Third Root").pem()))
		if out != "" || !strings.Contains(talk, "\nno certificate in namespace shop needs it; ") {
			t.Errorf("of another CA, says\n%s%s", out, talk)
		}
	},
}
