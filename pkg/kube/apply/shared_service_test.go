package apply

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestSharedService: two projects have the Service of the responder. The one
// that applied it last is removed, and must not break the challenges of the
// other; without the other, the Service goes too.
func TestSharedService(t *testing.T) {
	const (
		service = "{apiVersion: v1, kind: Service, metadata: {name: certs-responder, namespace: default, labels: {kubectl-certs.dev/http01: static}}, spec: {ports: [{port: 80}]}}\n---\n"
		own     = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: default, labels: {kubectl-certs.dev/http01: static}}}\n---\n"
		others  = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: b, namespace: default, labels: {kubectl-certs.dev/http01: static}}}\n---\n"
		plain   = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: plain, namespace: default}}\n---\n"
	)
	a := serverApplier(t, kubetest.Start(t))
	results(t, a, Options{Set: "b"}, decodeAll(t, service+others+plain)...)
	results(t, a, Options{Set: "a"}, decodeAll(t, service+own)...)
	prunable := func() (pruned, retained []string) {
		objects, kept, err := a.Prunable(t.Context(), Pruning{Set: "a", Retain: func(manifest.Object) string { return "" }})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range kept {
			retained = append(retained, r.String())
		}
		return names(objects), retained
	}
	pruned, retained := prunable()
	if diff := cmp.Diff([]string{"Ingress/default/a"}, pruned); diff != "" {
		t.Errorf("pruned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Service/default/certs-responder is not pruned: HTTPRoute/default/b sends challenges to it"}, retained); diff != "" {
		t.Errorf("retained (-want +got):\n%s", diff)
	}
	if err := a.client.Delete(t.Context(), decodeAll(t, others)[0], false); err != nil {
		t.Fatal(err)
	}
	pruned, retained = prunable()
	if diff := cmp.Diff([]string{"Ingress/default/a", "Service/default/certs-responder"}, pruned); diff != "" || retained != nil {
		t.Errorf("alone: retained %s, pruned (-want +got):\n%s", retained, diff)
	}
}
