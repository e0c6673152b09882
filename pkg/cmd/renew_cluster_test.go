package cmd_test

import (
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
