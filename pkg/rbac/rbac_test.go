package rbac

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/doctest"
)

var update = flag.Bool("update", false, "rewrite the Roles in kustomize/, and docs/permissions.md")

// TestGolden: the Roles in the repository are those of the table.
func TestGolden(t *testing.T) {
	for file, want := range map[string][]byte{
		"runner/rbac.yaml":            ClusterRoles(),
		"runner-namespaced/rbac.yaml": Roles("shop"),
	} {
		path := filepath.Join("..", "..", "kustomize", filepath.FromSlash(file))
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("kustomize/%s is out of date, run make golden (-want +got):\n%s", file, diff)
		}
	}
}

// TestGoldenDocument: docs/permissions.md is the table.
func TestGoldenDocument(t *testing.T) { doctest.Check(t, "permissions.md", Document(), *update) }

// TestSections: the documentation has all sets, and no set has a verb twice.
func TestSections(t *testing.T) {
	documented := map[Set]bool{}
	for _, s := range sections {
		documented[s.set] = true
	}
	seen := map[string]bool{}
	for _, p := range Permissions() {
		for _, set := range p.Who {
			if !documented[set] {
				t.Errorf("%s is not documented", set)
			}
			for _, resource := range p.Resources {
				for _, verb := range p.Verbs {
					key := fmt.Sprint(set, verb, p.Group, resource, p.Names)
					if seen[key] {
						t.Errorf("%s may %s %s.%s by two rows", set, verb, resource, p.Group)
					}
					seen[key] = true
				}
			}
		}
	}
}

// TestRolesParse: what is written is RBAC, and says what the table says.
func TestRolesParse(t *testing.T) {
	for name, test := range map[string]struct {
		text []byte
		want []string // kind, namespace, name
		sets []Set
	}{
		"cluster": {ClusterRoles(), []string{"ClusterRole//kubectl-certs-run", "ClusterRole//kubectl-certs-solver", "ClusterRole//kubectl-certs-dns01", "ClusterRole//kubectl-certs-webhook"}, []Set{Run, Solver, DNS01, Webhook}},
		"one namespace": {Roles("shop"), []string{"Role/shop/kubectl-certs-run", "ClusterRole//kubectl-certs-cert-manager-lease", "Role/shop/kubectl-certs-solver", "Role/shop/kubectl-certs-dns01", "ClusterRole//kubectl-certs-webhook"},
			[]Set{Run, Lease, Solver, DNS01, Webhook}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for i, doc := range strings.Split(string(test.text), "---\n") {
				var role rbacv1.ClusterRole
				if err := yaml.UnmarshalStrict([]byte(doc), &role); err != nil {
					t.Fatal(err)
				}
				got = append(got, role.Kind+"/"+role.Namespace+"/"+role.Name)
				want := rulesOf(test.sets[i], name == "cluster")
				if len(role.Rules) != len(want) {
					t.Fatalf("%s has %d rules, want %d", role.Name, len(role.Rules), len(want))
				}
				for j, rule := range role.Rules {
					w := want[j]
					if diff := cmp.Diff(rbacv1.PolicyRule{APIGroups: []string{w.Group}, Resources: w.Resources, ResourceNames: w.Names, Verbs: w.Verbs}, rule); diff != "" {
						t.Errorf("%s (-want +got):\n%s", role.Name, diff)
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestNamespaced: a run in one namespace gets nothing of the cluster but the
// Lease of cert-manager, and webhook solvers.
func TestNamespaced(t *testing.T) {
	text := string(Roles("shop"))
	if strings.Contains(text, "clusterissuers") {
		t.Error("a Role cannot allow ClusterIssuers")
	}
	if n := strings.Count(text, "kind: ClusterRole"); n != 2 {
		t.Errorf("%d ClusterRoles, want those of the Lease and of webhooks", n)
	}
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		request Request
		sets    []Set
		want    bool
	}{
		{Request{Verb: "get", Resource: "secrets"}, []Set{Run}, true},
		{Request{Verb: "get", Resource: "secrets"}, []Set{Solver}, false},
		{Request{Verb: "deletecollection", Resource: "secrets"}, []Set{Run}, false},
		{Request{Verb: "get", Group: "apps", Resource: "secrets"}, []Set{Run}, false},
		{Request{Verb: "get", Resource: "secrets", Subresource: "status"}, []Set{Run}, false},
		{Request{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Name: "route53"}, []Set{Run, DNS01}, true},
		{Request{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Name: "other"}, []Set{DNS01}, false},
		{Request{Verb: "create", Group: "acme.example.com", Resource: "anything"}, []Set{Webhook}, true},
		{Request{Verb: "list", Group: "coordination.k8s.io", Resource: "leases"}, []Set{Lease}, false},
		{Request{Verb: "get", Resource: "secrets"}, nil, false},
	} {
		if got := covered(test.request, test.sets); got != test.want {
			t.Errorf("%+v of %v: %v", test.request, test.sets, got)
		}
	}
}

// covered reports whether a permission of some sets covers a request.
func covered(r Request, sets []Set) bool {
	return slices.ContainsFunc(Permissions(), func(p Permission) bool {
		return p.Covers(r) && slices.ContainsFunc(p.Who, func(s Set) bool { return slices.Contains(sets, s) })
	})
}
