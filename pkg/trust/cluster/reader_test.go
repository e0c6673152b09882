package cluster

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// namespaces are those of the tests. Namespace gone is being deleted.
const namespaces = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other, labels: {team: a, size: small}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: gone, labels: {team: a}}, status: {phase: Terminating}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: openshift-config}}
`

// readerOf returns a Reader of a server, which has the namespaces and some
// objects.
func readerOf(t *testing.T, server *kubetest.Server, objects string, only ...string) *Reader {
	t.Helper()
	client, err := kube.New(server.Config(), server.Mapper(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objectsOf(t, strings.TrimSuffix(namespaces+"---\n"+objects, "---\n")) {
		if _, err := client.Apply(t.Context(), o, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := NewReader(server.Config(), client, only...)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// oldRoot, newRoot and farRoot are $old, $new and $far in objects.
var oldRoot, newRoot, farRoot = catest.Root("Old"), catest.Root("New"), catest.Root("Far")

// TestNotesOnce: each kind that is forbidden to list is one note, however many
// namespaces are read.
func TestNotesOnce(t *testing.T) {
	server := kubetest.Start(t)
	reader := readerOf(t, server, "", "shop", "other")
	server.Allow = func(r kubetest.Request) bool { return r.Resource != "configmaps" && r.Resource != "services" }
	for _, err := range reader.holders(t.Context(), nil) {
		t.Error(err)
	}
	if got := strings.Join(reader.Notes, "\n"); got != "listing ConfigMaps is forbidden, so the result may be incomplete" {
		t.Errorf("notes %q", got)
	}
}

// TestKnowsNamespace: only a namespace that certainly does not exist is an error.
func TestKnowsNamespace(t *testing.T) {
	server := kubetest.Start(t)
	reader := readerOf(t, server, "")
	check := func(name, want string) {
		t.Helper()
		got := ""
		if err := reader.KnowsNamespace(t.Context(), name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: error %q, want %q", name, got, want)
		}
	}
	check("shop", "")
	check("missing", `namespace "missing" not found`)
	server.Allow = func(kubetest.Request) bool { return false }
	check("missing", "")
}
