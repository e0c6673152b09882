package cli_test

import (
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
	const note = "note: ConfigMap/openshift-config/user-ca-bundle is not pruned, for Proxy/cluster names it: oc patch proxy/cluster "
	if out, talk := certs(t, 1, "diff", "--live", "--prune", "--summary", "-f", file); !strings.Contains(talk, note) || strings.Contains(out, "user-ca-bundle") || !strings.Contains(out, "ConfigMap/shop/corp") {
		t.Errorf("diff says\n%s%s", out, talk)
	}
	if out, talk := certs(t, 0, "apply", "--prune", "-f", file); out != "ConfigMap/shop/corp pruned\n" || !strings.Contains(talk, note) {
		t.Errorf("apply says\n%s%s", out, talk)
	}
	if _, err := l.client().Resource(kinds["ConfigMap"]).Namespace("openshift-config").Get(t.Context(), "user-ca-bundle", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := l.client().Resource(kinds["Proxy"]).Get(t.Context(), "cluster", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}
