package cmd_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/rbac"
)

// covers reports whether a permission of the table allows a request.
func covers(p rbac.Permission, q kubetest.Request) bool {
	return p.Covers(rbac.Request{Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource, Name: q.Name})
}

// TestRunRights: a run in one namespace that answers challenges itself needs no
// more than the permissions for that.
func TestRunRights(t *testing.T) {
	kube := startKube(t)
	c := testCluster{t: t, client: clientOf(t, kube), namespace: "shop", dir: t.TempDir()}
	makeNamespaces(t, c.client, "shop")
	ca := acmetest.Start(t)
	c.certs(0, "apply", "-f", c.requests(ca, "a"))
	kube.Allow = func(q kubetest.Request) bool {
		return slices.ContainsFunc(rbac.Permissions(), func(p rbac.Permission) bool {
			granted := p.Set == rbac.Run && !p.ClusterWide && q.Namespace == "shop" || p.Set == rbac.Lease
			return granted && covers(p, q)
		})
	}
	_, talk := c.certs(0, append([]string{"run", "--once"}, static(ca)...)...)
	first := c.issued(ca, "a")
	stop := c.follow(static(ca)...)
	if err := c.client.Resource(secretsOf).Namespace("shop").Delete(t.Context(), "a-tls", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.await("a")
	stop()
	var refused []string
	for _, q := range kube.Requests() {
		if refusal := q.Verb + " " + q.Resource; q.Code == http.StatusForbidden && !slices.Contains(refused, refusal) {
			refused = append(refused, refusal)
		}
	}
	// Without them it sees no ClusterIssuers, and removes no solver objects of a
	// run that died.
	if diff := cmp.Diff([]string{"list clusterissuers", "list pods", "list services"}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if !strings.Contains(talk, "note: may not list clusterissuers; what they ask for is not seen\n") {
		t.Errorf("says\n%s", talk)
	}
	kube.Allow = nil
	if c.issued(ca, "a") == first {
		t.Error("a run that follows the cluster does not issue")
	}
}

// TestReaders: what shows and compares only reads.
func TestReaders(t *testing.T) {
	kube := startKube(t)
	c := testCluster{t: t, client: clientOf(t, kube), namespace: "shop", dir: t.TempDir()}
	makeNamespaces(t, c.client, "shop")
	c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, fromWeb})
	root := c.file("root.pem", newRoot(t, "Root").pem())
	file := c.file("certs.yaml", statusSpec("good", "none"))
	for name, args := range map[string][]string{
		"status":             {"status", "-f", file},
		"status -A":          {"status", "-A"},
		"run --dry-run":      {"run", "--dry-run", "-f", file},
		"trust verify":       {"trust", "verify", root, "--in", "configmap/shop/roots"},
		"trust usage":        {"trust", "usage", root},
		"diff --live":        {"diff", "--live", "-f", file},
		"apply --dry-run":    {"apply", "--dry-run=server", "-f", file},
		"renew of no Secret": {"renew", "absent-tls"},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(kube.Requests())
			stopped(t.Context(), nil, append(args, "-n", "shop")...)
			var writes []string
			for _, q := range kube.Requests()[before:] {
				if q.Verb != "get" && q.Verb != "list" && !(q.Verb == "patch" && name == "apply --dry-run") {
					writes = append(writes, q.Verb+" "+q.Resource)
				}
			}
			if len(kube.Requests()) == before || len(writes) > 0 {
				t.Errorf("of %d requests, these write: %q", len(kube.Requests())-before, writes)
			}
		})
	}
}
