package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const trustSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: live}
trust:
- {name: corp, from: [roots.pem], to: {configmap: {namespaces: [default]}, cluster-trust-bundle: {}, aks-secret: {}, openshift: {}}}
- {name: nodes, from: [roots.pem], to: {trust-manager: {}, talos: {}}}
`

// writeTrust writes a certs.yaml with roots beside it.
func writeTrust(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", "two.pem"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "roots.pem"), string(data))
	return write(t, filepath.Join(dir, "certs.yaml"), content)
}

// TestLiveTrust: what is no longer to be trusted goes, but for OpenShift's
// Proxy, which is not ours to delete.
func TestLiveTrust(t *testing.T) {
	l := startLab(t, withClusterTrustBundles...)
	applyCRDs(t)
	makeNamespaces(t, l.client(), "openshift-config")
	file := writeTrust(t, trustSpec)
	certs(t, 0, "apply", "-f", file)
	certs(t, 0, "diff", "--live", "--prune", "-f", file)
	write(t, file, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: live}\ntrust: [{name: other, from: [roots.pem], to: {configmap: {namespaces: [default]}}}]\n")
	out, _ := certs(t, 0, "apply", "--prune", "--yes", "-f", file)
	want := "configmap/other created\n" +
		"configmap/corp pruned\nbundle.trust.cert-manager.io/nodes pruned\n" +
		"clustertrustbundle.certificates.k8s.io/corp pruned\nsecret/custom-ca-trust-secret pruned\n"
	if out != want {
		t.Errorf("apply --prune says\n%swant\n%s", out, want)
	}
	if _, err := l.client().Resource(kinds["Proxy"]).Get(t.Context(), "cluster", metav1.GetOptions{}); err != nil {
		t.Errorf("the Proxy is gone: %v", err)
	}
}

// TestLiveTrustUnknown: a cluster that has not what would carry the roots.
func TestLiveTrustUnknown(t *testing.T) {
	startLab(t)
	_, talk := certs(t, 1, "diff", "--live", "--summary", "-f", writeTrust(t, trustSpec))
	for _, want := range []string{
		"note: skipping 1 ClusterTrustBundle object (certificates.k8s.io/v1beta1): start the API server with --feature-gates=ClusterTrustBundle=true and --runtime-config=certificates.k8s.io/v1beta1/clustertrustbundles=true\n",
		"note: skipping 1 Bundle object (trust.cert-manager.io/v1alpha1): install trust-manager first\n",
		"note: skipping 1 Proxy object (config.openshift.io/v1): only OpenShift has this kind\n",
	} {
		if !strings.Contains(talk, want) {
			t.Errorf("no %q in\n%s", want, talk)
		}
	}
}

const workload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, labels: {kubectl-certs.dev/trust: NAME}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.com/web}]}
`

// TestLivePods: a real API server takes a workload with the component, however
// it mounts the bundle.
func TestLivePods(t *testing.T) {
	l := startLab(t, "--runtime-config", "certificates.k8s.io/v1beta1/clustertrustbundles=true", "--feature-gates", "ClusterTrustBundle=true,ClusterTrustBundleProjection=true")
	for name, to := range map[string]string{
		"own":       "pods: {variables: [SSL_CERT_FILE, JAVA_TOOL_OPTIONS]}",
		"manager":   "trust-manager: {}, pods: {mount: trust-manager}",
		"cluster":   "cluster-trust-bundle: {}, pods: {mount: cluster-trust-bundle}",
		"openshift": "openshift: {namespaces: [default]}, pods: {mount: openshift, variables: []}",
	} {
		t.Run(name, func(t *testing.T) {
			file := writeTrust(t, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: "+name+", from: [roots.pem], to: {"+to+"}}]\n")
			certs(t, 0, "generate", "-f", file)
			app := filepath.Join(filepath.Dir(file), "app")
			if err := os.Mkdir(app, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(app, "web.yaml"), strings.ReplaceAll(workload, "NAME", name))
			write(t, filepath.Join(app, "kustomization.yaml"), "namespace: default\nresources: [web.yaml]\ncomponents: [../base/trust/"+name+"/pods]\n")
			certs(t, 0, "apply", "-k", app, "--force-conflicts")
			deployments := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
			web, err := l.client().Resource(deployments).Namespace("default").Get(t.Context(), "web", metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			volumes, _, _ := unstructured.NestedSlice(web.Object, "spec", "template", "spec", "volumes")
			if len(volumes) != 1 || volumes[0].(map[string]any)["name"] != "kubectl-certs-"+name {
				t.Errorf("volumes are %v", volumes)
			}
			if err := l.client().Resource(deployments).Namespace("default").Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
