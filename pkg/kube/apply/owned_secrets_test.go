package apply

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// create creates an object as another field manager, with a controller if it has
// a UID.
func create(t *testing.T, a *Applier, o manifest.Object, controller types.UID) types.UID {
	t.Helper()
	mapping, err := a.client.Mapping(kube.KindOf(o))
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: o.Clone()}
	if controller != "" {
		yes := true
		u.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "Owner", Name: "owner", UID: controller, Controller: &yes}})
	}
	created, err := a.client.Resource(mapping, o.Namespace()).Create(t.Context(), u, metav1.CreateOptions{FieldManager: "controller"})
	if err != nil {
		t.Fatal(err)
	}
	return created.GetUID()
}

func uidOf(t *testing.T, a *Applier, o manifest.Object) types.UID {
	t.Helper()
	live, err := a.client.Read(t.Context(), []manifest.Object{o})
	if err != nil {
		t.Fatal(err)
	}
	return (&unstructured.Unstructured{Object: live[o.ID()]}).GetUID()
}

// TestLeftOverOfControllers: an object with the label of a set is only ours if
// we applied it, and if no controller owns it.
func TestLeftOverOfControllers(t *testing.T) {
	a := serverApplier(t, kubetest.Start(t))
	route := decodeAll(t, `{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: web, namespace: default}, spec: {host: a.example.com}}`)[0]
	results(t, a, Options{Set: "s"}, route)
	const copied = `{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %s, namespace: default, labels: {kubectl-certs.dev/set: s}}, spec: {secretName: a}}`
	create(t, a, decodeAll(t, fmt.Sprintf(copied, "copied"))[0], "")
	create(t, a, decodeAll(t, fmt.Sprintf(copied, "controlled"))[0], uidOf(t, a, route))
	create(t, a, decodeAll(t, fmt.Sprintf(copied, "both"))[0], uidOf(t, a, route))
	results(t, a, Options{Set: "s", Force: true}, decodeAll(t, fmt.Sprintf(copied, "both"))...)
	found, _, err := a.LeftOver(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"VirtualServer/default/web"}, names(found)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOwnedSecrets: the garbage collector deletes what an object owns. A TLS
// Secret must not be deleted like that: its Certificate stays, or the Secret gets
// an owner that stays. TestLivePruneBesideControllers has the garbage collector.
func TestOwnedSecrets(t *testing.T) {
	const (
		certificate = `{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %[1]s, namespace: default}, spec: {secretName: %[1]s-tls}}`
		secret      = `{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: %s-tls, namespace: default}, data: {tls.crt: "", tls.key: ""}}`
		ingress     = `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: %s, namespace: default}, spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}`
	)
	s := kubetest.Start(t)
	a := serverApplier(t, s)
	make1 := func(format, name string) manifest.Object { return decodeAll(t, fmt.Sprintf(format, name))[0] }
	owning, free, shim := make1(certificate, "owning"), make1(certificate, "free"), make1(ingress, "shim")
	results(t, a, Options{Set: "s"}, owning, free, shim)
	create(t, a, make1(secret, "owning"), uidOf(t, a, owning))
	create(t, a, make1(secret, "free"), "")
	byShim := create(t, a, make1(certificate, "by-shim"), uidOf(t, a, shim))
	create(t, a, make1(secret, "by-shim"), byShim)

	prunable := func(p Pruning) (pruned, retained []string) {
		p.Set, p.Retain = "s", func(manifest.Object) string { return "" }
		objects, kept, err := a.Prunable(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range kept {
			retained = append(retained, r.ID.String()+" "+r.Reason)
		}
		slices.Sort(retained)
		return names(objects), retained
	}
	pruned, retained := prunable(Pruning{})
	if diff := cmp.Diff([]string{"Certificate/default/free"}, pruned); diff != "" {
		t.Errorf("pruned (-want +got):\n%s", diff)
	}
	want := []string{
		"Certificate/default/owning the garbage collector would delete Secret/default/owning-tls with it; --prune-certificates keeps the Secret and deletes the rest",
		"Ingress/default/shim the garbage collector would delete Secret/default/by-shim-tls with it; --prune-certificates keeps the Secret and deletes the rest",
	}
	if diff := cmp.Diff(want, retained); diff != "" {
		t.Errorf("retained (-want +got):\n%s", diff)
	}

	s.Allow = func(r kubetest.Request) bool { return r.Resource != "secrets" }
	pruned, retained = prunable(Pruning{Certificates: true})
	if len(pruned) != 0 || len(retained) != 4 || !strings.HasSuffix(retained[0], "the garbage collector may delete Secret/default/free-tls with it, and reading it is forbidden") {
		t.Errorf("Secrets that cannot be read: pruned %s, retained %s", pruned, retained)
	}
	s.Allow = nil

	pruned, retained = prunable(Pruning{Certificates: true})
	if len(pruned) != 3 || len(retained) != 0 {
		t.Errorf("with --prune-certificates: pruned %s, retained %s", pruned, retained)
	}
	objects, _, err := a.Prunable(t.Context(), Pruning{Set: "s", Certificates: true, Retain: func(manifest.Object) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Prune(t.Context(), objects, false, func(manifest.Object) {}); err != nil {
		t.Fatal(err)
	}
	namespace := uidOf(t, a, decodeAll(t, "{apiVersion: v1, kind: Namespace, metadata: {name: default}}")[0])
	for name, owners := range map[string]int{"owning": 2, "free": 0, "by-shim": 2} {
		left, err := a.secret(t.Context(), make1(secret, name).ID())
		if err != nil {
			t.Fatal(err)
		}
		byNamespace := slices.ContainsFunc(left.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return ref.UID == namespace })
		if len(left.GetOwnerReferences()) != owners || byNamespace != (owners > 0) {
			t.Errorf("Secret of %s: owners %v", name, left.GetOwnerReferences())
		}
	}
}

// TestPruneIsOfOneObject: an object that was deleted and created again meanwhile
// is another one.
func TestPruneIsOfOneObject(t *testing.T) {
	a := serverApplier(t, kubetest.Start(t))
	o := configMapWith("a", "1")
	results(t, a, Options{Set: "s"}, o)
	found, _, err := a.LeftOver(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.client.Delete(t.Context(), o, false); err != nil {
		t.Fatal(err)
	}
	results(t, a, Options{Set: "s"}, o)
	if err := a.Prune(t.Context(), found, false, func(manifest.Object) {}); err == nil {
		t.Error("the new object is deleted")
	}
}
