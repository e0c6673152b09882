package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestLivePruneOpenShift: the Proxy is not ours to delete, and what it names
// must stay with it.
func TestLivePruneOpenShift(t *testing.T) {
	l := startLab(t, withClusterTrustBundles...)
	applyCRDs(t)
	makeNamespaces(t, l.client(), "openshift-config", "shop")
	file := writeTrust(t, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: live}\ntrust: [{name: corp, from: [roots.pem], to: {openshift: {namespaces: [shop]}}}]\n")
	certs(t, 0, "apply", "-f", file)
	write(t, file, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: live}\ntrust: [{name: other, from: [roots.pem], to: {talos: {}}}]\n")
	const note = "note: ConfigMap/openshift-config/user-ca-bundle is not pruned: Proxy/cluster uses it; run oc patch proxy/cluster "
	if out, talk := certs(t, 1, "diff", "--live", "--prune", "--summary", "-f", file); !strings.Contains(talk, note) || strings.Contains(out, "user-ca-bundle") || !strings.Contains(out, "ConfigMap/shop/corp") {
		t.Errorf("diff says\n%s%s", out, talk)
	}
	if out, talk := certs(t, 0, "apply", "--prune", "-f", file); out != "configmap/corp pruned\n" || !strings.Contains(talk, note) {
		t.Errorf("apply says\n%s%s", out, talk)
	}
	if _, err := l.client().Resource(kinds["ConfigMap"]).Namespace("openshift-config").Get(t.Context(), "user-ca-bundle", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := l.client().Resource(kinds["Proxy"]).Get(t.Context(), "cluster", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

// TestLivePruneComponent: two kustomizations that use one component have one
// ConfigMap, which stays as long as a workload reads it.
func TestLivePruneComponent(t *testing.T) {
	l := startLab(t)
	makeNamespaces(t, l.client(), "shop")
	file := writeTrust(t, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: corp, from: [roots.pem], to: {pods: {}}}]\n")
	certs(t, 0, "generate", "-f", file)
	app := func(name, components string) string {
		dir := filepath.Join(filepath.Dir(file), name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "kustomization.yaml"), "namespace: shop\nresources: [pods.yaml]\n"+components)
		write(t, filepath.Join(dir, "pods.yaml"), `{apiVersion: apps/v1, kind: Deployment, metadata: {name: `+name+`, labels: {kubectl-certs.dev/trust: corp}}, spec: {selector: {matchLabels: {a: `+name+`}}, template: {metadata: {labels: {a: `+name+`}}, spec: {containers: [{name: c, image: i}]}}}}`)
		return dir
	}
	const with = "components: [../base/trust/corp/pods]\n"
	certs(t, 0, "apply", "--set", "api", "-k", app("api", with))
	web := app("web", with)
	certs(t, 0, "apply", "--set", "web", "-k", web)
	app("web", "")
	const note = " is not pruned: Deployment/shop/api uses it\n"
	if out, talk := certs(t, 1, "diff", "--live", "--prune", "--set", "web", "-k", web); !strings.Contains(talk, note) || strings.Contains(out, "ConfigMap") {
		t.Errorf("diff says\n%s%s", out, talk)
	}
	for range 2 {
		if out, talk := certs(t, 0, "apply", "--prune", "--set", "web", "-k", web); !strings.Contains(talk, note) || strings.Contains(out, "pruned") {
			t.Errorf("apply says\n%s%s", out, talk)
		}
	}

	// A pod of an unknown controller reads it, as long as it runs.
	list, err := l.client().Resource(configMapsOf).Namespace("shop").List(t.Context(), metav1.ListOptions{LabelSelector: "kubectl-certs.dev/set"})
	if err != nil || len(list.Items) != 1 || list.Items[0].Object["immutable"] != true {
		t.Fatalf("ConfigMaps are %v, %v", list, err)
	}
	l.put(l.client(), `{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db-1, namespace: shop, ownerReferences: [{apiVersion: example.com/v1, kind: Cluster, name: db, uid: "1", controller: true}]},
 spec: {containers: [{name: c, image: i}], volumes: [{name: v, configMap: {name: `+list.Items[0].GetName()+`}}]}}`)
	app("api", "")
	certs(t, 0, "apply", "--set", "api", "-k", filepath.Join(filepath.Dir(web), "api"))
	if out, talk := certs(t, 0, "apply", "--prune", "--set", "web", "-k", web); !strings.Contains(talk, " is not pruned: Pod/shop/db-1 uses it\n") || strings.Contains(out, "pruned") {
		t.Errorf("apply says\n%s%s", out, talk)
	}
	if err := l.client().Resource(podsOf).Namespace("shop").Delete(t.Context(), "db-1", metav1.DeleteOptions{GracePeriodSeconds: new(int64)}); err != nil {
		t.Fatal(err)
	}

	// Once no pod reads it, it is pruned; a dry run reports that beforehand.
	app("api", "")
	certs(t, 0, "apply", "--set", "api", "-k", filepath.Join(filepath.Dir(web), "api"))
	if out, _ := certs(t, 0, "apply", "--prune", "--set", "web", "-k", web); strings.Count(out, "pruned\n") != 1 {
		t.Errorf("apply says\n%s", out)
	}
	app("web", with)
	certs(t, 0, "apply", "--set", "web", "-k", web)
	app("web", "")
	if out, talk := certs(t, 0, "apply", "--prune", "--dry-run=server", "--set", "web", "-k", web); strings.Count(out, "pruned (server dry run)\n") != 1 {
		t.Errorf("a dry run says\n%s%s", out, talk)
	}
}
