package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestRun(t *testing.T)     { onKube(t, runTests) }
func TestLiveRun(t *testing.T) { onLab(t, runTests) }

var runTests = clusterTests{
	"run issues from ACME issuers only": func(t *testing.T, c testCluster) {
		spec := "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: shop}\nissuers:\n- {name: ca, ca: {secretName: ca}}\n- {name: self, selfSigned: {}}\nexpose:\n" +
			expose("a", "ca", "a.example.com") + expose("b", "self", "b.example.com")
		_, talk := c.certs(1, "run", "--once", "-f", c.file("certs.yaml", spec))
		want := "deferred: shop/a-tls (Ingress/a): ClusterIssuer ca is not an ACME issuer: kubectl certs run supports only ACME\n" +
			"deferred: shop/b-tls (Ingress/b): ClusterIssuer self is not an ACME issuer: kubectl certs run supports only ACME\n" +
			"2 certificates: 0 to issue, 2 deferred, 0 up to date\n0 issued, 0 failed, 2 deferred, 0 up to date\n"
		if diff := cmp.Diff(want, talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if names := c.names(secretsOf, "shop"); len(names) > 0 {
			t.Errorf("makes Secrets %q", names)
		}
	},

	"run --dry-run shows the plan and writes nothing": func(t *testing.T, c testCluster) {
		makeNamespaces(t, c.client, "cert-manager")
		c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
		c.makeIssued(issuedSecret{"due", -70 * day, 20 * day, fromWeb})
		c.makeIssued(issuedSecret{"hand", -10 * day, 80 * day, "{}"})
		file := c.file("certs.yaml", statusSpec("good", "due", "hand", "none"))
		out, talk := c.certs(0, "run", "--dry-run", "-f", file)
		want := `NAMESPACE   SECRET     NAMES              ISSUER   WHY                   CHALLENGE        COST
shop        due-tls    due.example.com    web      due by its lifetime   http-01 solver   no known limit
shop        none-tls   none.example.com   web      missing               http-01 solver   no known limit
`
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		want = "deferred: shop/hand-tls (Ingress/hand): the Secret was created by test: delete it, or adopt it with kubectl certs run --adopt\n" +
			"4 certificates: 2 to issue, 1 deferred, 1 up to date\n"
		if diff := cmp.Diff(want, talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		out, _ = c.certs(0, "run", "--dry-run", "-o", "json", "-f", file)
		var plan struct {
			APIVersion, Kind string
			Items            []struct{ Secret, Action string }
		}
		if err := json.Unmarshal([]byte(out), &plan); err != nil {
			t.Error(err)
		}
		if got, want := fmt.Sprint(plan), "{kubectl-certs.dev/v1alpha1 CertificatePlanList [{due-tls planned} {good-tls ok} {hand-tls deferred} {none-tls planned}]}"; got != want {
			t.Errorf("in JSON %s, want %s", got, want)
		}
		if diff := cmp.Diff([]string{"due-tls", "good-tls", "hand-tls"}, c.names(secretsOf, "shop")); diff != "" {
			t.Errorf("Secrets (-want +got):\n%s", diff)
		}
		if names := c.names(leasesOf, "shop"); len(names) > 0 {
			t.Errorf("makes Leases %q", names)
		}
	},

	"run refuses to work beside a running cert-manager": func(t *testing.T, c testCluster) {
		lease := `{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: cert-manager-controller, namespace: shop},
			spec: {holderIdentity: somebody, leaseDurationSeconds: 60, renewTime: "%s"}}`
		t.Cleanup(func() {
			_ = c.client.Resource(leasesOf).Namespace(c.namespace).Delete(context.Background(), "cert-manager-controller", metav1.DeleteOptions{})
		})
		args := func(more ...string) []string { return append([]string{"run", "--once"}, more...) }
		now := func(ago time.Duration) string {
			return time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000000Z")
		}
		c.apply(fmt.Sprintf(lease, now(0)))
		_, talk := c.certs(2, args()...)
		if !strings.HasPrefix(talk, "error: cert-manager is running (Lease shop/cert-manager-controller, held by somebody) and issues from the same objects\nhint: ") {
			t.Errorf("says\n%s", talk)
		}
		c.certs(0, args("--ignore-cert-manager")...)
		c.apply(fmt.Sprintf(lease, now(2*time.Minute)))
		c.certs(0, args()...)
	},
}
