package cmd_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRenew(t *testing.T)     { onKube(t, renewTests) }
func TestLiveRenew(t *testing.T) { onLab(t, renewTests) }

var renewTests = clusterTests{
	"renew marks the Secret, and status shows that": func(t *testing.T, c testCluster) {
		c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
		file := c.file("certs.yaml", statusSpec("good"))
		c.certs(0, "status", "--check", "-f", file)
		out, talk := c.certs(0, "renew", "good-tls")
		if out != "secret/good-tls renewal requested\n" || talk != "" {
			t.Errorf("says\n%s%s", out, talk)
		}
		mark := c.get(secretsOf, "shop", "good-tls").GetAnnotations()["kubectl-certs.dev/renew"]
		at, err := time.Parse(time.RFC3339, mark)
		if err != nil || time.Since(at).Abs() > time.Minute {
			t.Errorf("the mark is %q", mark)
		}
		out, _ = c.certs(1, "status", "--check", "-f", file)
		want := "NAMESPACE   SECRET     NAMES              ISSUER   EXPIRES   RENEWS   REQUESTED-BY   STATUS\n" +
			"shop        good-tls   good.example.com   web      79d       -        Ingress/good   renewal requested " + at.Format(time.RFC3339) + "\n"
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"renew refuses names without a Secret, and marks the others": func(t *testing.T, c testCluster) {
		c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
		out, talk := c.certs(2, "renew", "absent-tls", "good-tls", "lost-tls")
		if out != "secret/good-tls renewal requested\n" {
			t.Errorf("prints\n%s", out)
		}
		want := "error: secret shop/absent-tls not found; if a certificate is requested for it, kubectl certs run --once issues it\nerror: secret shop/lost-tls not found; if a certificate is requested for it, kubectl certs run --once issues it\n"
		if diff := cmp.Diff(want, talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if c.get(secretsOf, "shop", "good-tls").GetAnnotations()["kubectl-certs.dev/renew"] == "" {
			t.Error("good-tls has no mark")
		}
	},

	"renew of a host renews the certificate with that name, or with a wildcard that covers it": func(t *testing.T, c testCluster) {
		c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
		c.makeIssued(issuedSecret{"wild", -10 * day, 80 * day, fromWeb})
		c.apply(requestedHost("good", "good.example.com") + requestedHost("wild", "*.example.com") + requestedHost("absent", "absent.example.com"))
		out, talk := c.certs(0, "renew", "good.example.com", "New.example.com")
		if want := "secret/good-tls renewal requested\nsecret/wild-tls renewal requested\n"; out != want || talk != "" {
			t.Errorf("says\n%s%s", out, talk)
		}
		for _, name := range []string{"good-tls", "wild-tls"} {
			if c.get(secretsOf, "shop", name).GetAnnotations()["kubectl-certs.dev/renew"] == "" {
				t.Errorf("%s has no mark", name)
			}
		}
		_, talk = c.certs(2, "renew", "absent.example.com", "godo.example.net")
		want := "error: secret shop/absent-tls not found; if a certificate is requested for it, kubectl certs run --once issues it\n" +
			"error: no certificate is requested for \"godo.example.net\" in namespace shop\n" +
			"hint: did you mean good.example.com? kubectl certs status -n shop lists the requested certificates; -A looks in all namespaces\n"
		if diff := cmp.Diff(want, talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"renew of a host of two certificates names both, and -A finds them in all namespaces": func(t *testing.T, c testCluster) {
		host := c.theirs("twin.shop.example.com")
		c.makeIssued(issuedSecret{"one", -10 * day, 80 * day, fromWeb})
		c.apply(requestedHost("one", host) + requestedHost("two", host))
		for _, flags := range [][]string{nil, {"-A"}} {
			_, talk := c.certs(2, append([]string{"renew", host}, flags...)...)
			want := "error: 2 certificates are requested for \"twin.shop.example.com\": in Secrets shop/one-tls, shop/two-tls\n" +
				"hint: name the Secret: kubectl certs renew secret/one-tls -n shop\n"
			if diff := cmp.Diff(want, talk); diff != "" {
				t.Errorf("%q (-want +got):\n%s", flags, diff)
			}
		}
		c.apply(requestedHost("two", c.theirs("other.shop.example.com")))
		out, talk := c.certs(0, "renew", "-A", host)
		if want := "secret/one-tls renewal requested in namespace shop\n"; out != want || talk != "" {
			t.Errorf("says\n%s%s", out, talk)
		}
	},

	"renew refuses Secrets that no run renews": func(t *testing.T, c testCluster) {
		c.makeIssued(issuedSecret{"hand", -10 * day, 80 * day, "{}"})
		c.apply("{apiVersion: v1, kind: Secret, metadata: {name: password, namespace: shop}, type: Opaque, stringData: {p: x}}")
		_, talk := c.certs(2, "renew", "hand-tls", "password")
		want := "error: Secret shop/hand-tls was created by test; kubectl certs does not renew it\nerror: Secret shop/password has type Opaque, not kubernetes.io/tls: it has no certificate to renew\n"
		if diff := cmp.Diff(want, talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, name := range []string{"hand-tls", "password"} {
			if mark, found := c.get(secretsOf, "shop", name).GetAnnotations()["kubectl-certs.dev/renew"]; found {
				t.Errorf("%s is marked %s", name, mark)
			}
		}
	},
}

// requestedHost is a Certificate <name> in namespace shop with one name.
func requestedHost(name, host string) string {
	return fmt.Sprintf("---\n{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %[1]s, namespace: shop}, spec: {secretName: %[1]s-tls, dnsNames: [%[2]q], issuerRef: {name: web, kind: ClusterIssuer}}}\n", name, host)
}
