package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
)

// rights are the rules of roles, by name.
type rights map[string][]rbacv1.PolicyRule

// readRights reads the roles of a file.
func readRights(t *testing.T, file string) rights {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := rights{}
	for document := range strings.SplitSeq(string(data), "\n---\n") {
		var role rbacv1.Role
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		found[role.Name] = role.Rules
	}
	return found
}

// allows reports whether a role allows a request.
func (r rights) allows(role string, q kubetest.Request) bool {
	return slices.ContainsFunc(r[role], func(rule rbacv1.PolicyRule) bool {
		return slices.Contains(rule.APIGroups, q.Group) && slices.Contains(rule.Resources, q.Resource) && slices.Contains(rule.Verbs, q.Verb) &&
			(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, q.Name))
	})
}

// TestRunRights: a run in one namespace that answers challenges itself needs no
// more than the first two roles of docs/run/role.yaml.
func TestRunRights(t *testing.T) {
	kube := startKube(t)
	c := testCluster{t: t, client: clientOf(t, kube), namespace: "shop", dir: t.TempDir()}
	makeNamespaces(t, c.client, "shop")
	ca := acmetest.Start(t)
	c.certs(0, "apply", "-f", c.file("certs.yaml", acmeSpec(ca, "a")))
	given := readRights(t, filepath.Join("..", "..", "docs", "run", "role.yaml"))
	kube.Allow = func(q kubetest.Request) bool {
		return q.Namespace == "shop" && given.allows("kubectl-certs-run", q) || given.allows("kubectl-certs-cert-manager-lease", q)
	}
	_, talk := c.certs(0, append([]string{"run", "--once"}, static(ca)...)...)
	kube.Allow = nil
	var refused []string
	for _, q := range kube.Requests() {
		if q.Code == http.StatusForbidden {
			refused = append(refused, q.Verb+" "+q.Resource)
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
	c.issued(ca, "a")
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
		"trust who-needs":    {"trust", "who-needs", root},
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
