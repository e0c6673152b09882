package project

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestServerChanges: the servers of an update are compared in each overlay, before it is
// written. Overlays are built only if an ACME issuer changes.
func TestServerChanges(t *testing.T) {
	const spec = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- {name: web, acme: {server: letsencrypt-staging, solvers: [{http01: {}}]}}\n" +
		"environments:\n- {name: dev, issuers: {web: {acme: {server: \"https://dev.example.com/dir\"}}}}\n- {name: prod}\n"
	o := fill(t, map[string]string{"certs.yaml": spec})
	changes := func(spec string) string {
		t.Helper()
		write(t, o.File, spec)
		tree := readTree(t, open(t, o))
		u, err := tree.Update(false)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, c := range tree.ServerChanges(t.Context(), u) {
			texts = append(texts, fmt.Sprintf("%s %s %s %s", c.Label, c.Issuer, c.From, c.To))
		}
		return strings.Join(texts, "\n")
	}
	if got := changes(spec); got != "" {
		t.Errorf("without a tree: %s", got)
	}
	generate(t, o)
	for name, tt := range map[string]struct{ old, new, want string }{
		"unchanged": {"", "", ""},
		"in the base": {"letsencrypt-staging", "letsencrypt",
			"overlays/prod ClusterIssuer/web https://acme-staging-v02.api.letsencrypt.org/directory https://acme-v02.api.letsencrypt.org/directory"},
		"in an environment": {"dev.example.com", "qa.example.com",
			"overlays/dev ClusterIssuer/web https://dev.example.com/dir https://qa.example.com/dir"},
		"no longer in an environment": {", issuers: {web: {acme: {server: \"https://dev.example.com/dir\"}}}", "",
			"overlays/dev ClusterIssuer/web https://dev.example.com/dir https://acme-staging-v02.api.letsencrypt.org/directory"},
		"an environment more": {"- {name: prod}", "- {name: prod}\n- {name: qa, issuers: {web: {acme: {server: letsencrypt}}}}", ""},
		"another issuer":      {"name: web, acme", "name: own, acme: {server: letsencrypt, solvers: [{http01: {}}]}}\n- {name: web, acme", ""},
	} {
		if diff := cmp.Diff(tt.want, changes(strings.Replace(spec, tt.old, tt.new, 1))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
