package cmd_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/rbac"
)

// runner is who runs commands with the permissions of the table.
const runner = "runner"

// use is commands that need the permissions of some sets. It runs twice: with the
// permissions in namespace shop, and in the whole cluster.
type use struct {
	sets []rbac.Set
	do   func(p permitted)
	// refused are the requests that are refused in namespace shop, and in the whole
	// cluster: the use does without them.
	refused, refusedAll []string
	// says is what the user sees of those in namespace shop, "" for nothing.
	says string
	// only is the scope of a use that has no other.
	only scope
}

// scope is where permissions are granted.
type scope string

const (
	inNamespace scope = "in one namespace"
	inCluster   scope = "in the whole cluster"
)

// clusterSets are granted in the whole cluster even where everything else is
// granted in one namespace.
var clusterSets = []rbac.Set{rbac.Lease, rbac.Webhook}

// grant is a verb on a resource, of a row of the table, for a set.
type grant struct {
	scope          scope
	set            rbac.Set
	row            int
	verb, resource string
}

// permitted is a cluster in which commands have the permissions of a use.
type permitted struct {
	testCluster
	kube *kubetest.Server
	said *bytes.Buffer
	in   scope
}

// certs runs a command as the runner, and wants an exit code.
func (p permitted) certs(want int, args ...string) {
	p.t.Helper()
	out, talk := certs(p.t, want, append(args, "--as", runner)...)
	p.said.WriteString(out + talk)
}

// make makes objects of any kinds, as another user.
func (p permitted) make(documents string) {
	p.t.Helper()
	p.testCluster.certs(0, "apply", "--force-conflicts", "-f", p.file("make.yaml", documents))
}

// where are the flags for the scope.
func (p permitted) where() []string {
	if p.in == inCluster {
		return []string{"-A"}
	}
	return []string{"-n", "shop"}
}

// run runs a run in the scope, and wants an exit code.
func (p permitted) run(want int, flags ...string) {
	p.t.Helper()
	p.certs(want, slices.Concat([]string{"run"}, p.where(), flags)...)
}

// TestPermissions: each use works with the permissions of its sets and no others,
// and each verb on each resource of the table is needed by a use.
func TestPermissions(t *testing.T) {
	table := rbac.Permissions()
	used := map[grant]bool{}
	left := 0 // uses that did not run to their end
	for name, u := range uses {
		for _, in := range []scope{inNamespace, inCluster} {
			if u.only != "" && u.only != in {
				continue
			}
			left++
			t.Run(name+" "+string(in), func(t *testing.T) {
				u.run(t, in, table, used)
				left--
			})
		}
	}
	if left > 0 || t.Failed() {
		return
	}
	for _, g := range grants(table) {
		if !used[g] {
			t.Errorf("%s, %s does not need to %s %s (%s)", g.scope, g.set, g.verb, g.resource, table[g.row].Why)
		}
	}
}

// grants is all that a table grants.
func grants(table []rbac.Permission) (all []grant) {
	for i, row := range table {
		for _, set := range row.Who {
			for _, resource := range row.Resources {
				for _, verb := range row.Verbs {
					for _, in := range []scope{inNamespace, inCluster} {
						if g := (grant{in, set, i, verb, resource}); g.granted(row) {
							all = append(all, g)
						}
					}
				}
			}
		}
	}
	return all
}

// granted reports whether a row is granted in a scope at all.
func (g grant) granted(row rbac.Permission) bool {
	switch {
	case g.scope == inNamespace:
		return !row.ClusterWide
	case g.set == rbac.Lease: // Run has it there
		return false
	}
	return true
}

// run runs a use, and notes in used what it needed of the table.
func (u use) run(t *testing.T, in scope, table []rbac.Permission, used map[grant]bool) {
	kube := startKube(t)
	p := permitted{testCluster{t: t, client: clientOf(t, kube), namespace: "shop", dir: t.TempDir()}, kube, &bytes.Buffer{}, in}
	makeNamespaces(t, p.client, "shop", "cert-manager", "openshift-config")
	var lock sync.Mutex
	kube.Allow = func(q kubetest.Request) bool {
		lock.Lock()
		defer lock.Unlock()
		return q.User != runner || u.allow(q, in, table, used)
	}
	u.do(p)
	refused := []string{}
	for _, q := range kube.Requests() {
		if what := q.Verb + " " + q.Resource; q.User == runner && q.Code == http.StatusForbidden && !slices.Contains(refused, what) {
			refused = append(refused, what)
		}
	}
	slices.Sort(refused)
	want, says := u.refused, u.says
	if in == inCluster {
		want, says = u.refusedAll, ""
	}
	if diff := cmp.Diff(append([]string{}, want...), refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s\n%s", diff, p.said)
	}
	if !strings.Contains(p.said.String(), says) {
		t.Errorf("says\n%s\nwant %s", p.said, says)
	}
}

// allow reports whether a row of the use's sets allows a request, and notes that
// in used.
func (u use) allow(q kubetest.Request, in scope, table []rbac.Permission, used map[grant]bool) (allowed bool) {
	resource := q.Resource
	if q.Subresource != "" {
		resource += "/" + q.Subresource
	}
	for i, row := range table {
		for _, set := range row.Who {
			g := grant{in, set, i, q.Verb, resource}
			there := in == inCluster || q.Namespace == "shop" || slices.Contains(clusterSets, set)
			if !there || !g.granted(row) || !slices.Contains(u.sets, set) || !covers(row, q) {
				continue
			}
			if !slices.Contains(row.Resources, resource) {
				g.resource = "*"
			}
			used[g] = true
			allowed = true
		}
	}
	return allowed
}

// covers reports whether a permission of the table allows a request.
func covers(p rbac.Permission, q kubetest.Request) bool {
	return p.Covers(rbac.Request{Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource, Name: q.Name})
}
