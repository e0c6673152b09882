package cmd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const trustingSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
trust:
- {name: corp, from: [old.pem], to: {configmap: {namespaces: [shop]}, cluster-trust-bundle: {signerName: example.com/foo}, pods: {}, aks: {}}}
- {name: wide, from: [old.pem, new.pem], to: {trust-manager: {namespaces: {matchLabels: {roots: "yes"}}}}}
- {name: all, from: [new.pem], to: {openshift: {namespaces: [shop]}}}
environments:
- {name: dev}
- {name: prod, trust: {corp: {from: [old.pem, new.pem]}}}
`

// TestLiveTrustVerifyGit: what certs.yaml or a kustomization says is compared
// with the cluster, each location with its own certificates.
func TestLiveTrustVerifyGit(t *testing.T) {
	l := startTrustLab(t)
	l.serveKinds(clusterCRD("trust.cert-manager.io", "v1alpha1", "Bundle") + clusterCRD("config.openshift.io", "v1", "Proxy"))
	client := l.client()
	makeNamespaces(t, client, "shop", "openshift-config")
	old, fresh, public := newRoot(t, "Old Root"), newRoot(t, "New Root"), newRoot(t, "Public Root")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "old.pem"), old.pem())
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	file := write(t, filepath.Join(dir, "certs.yaml"), trustingSpec)
	certs(t, 0, "generate", "-f", file)
	certs(t, 0, "apply", "-f", file, "-e", "dev")
	overlay := func(name string) string { return filepath.Join(dir, "overlays", name) }

	same := []string{
		"bundle/wide 2 same",
		"clustertrustbundle/example.com:foo:corp 1 same",
		"configmap/openshift-config/user-ca-bundle:ca-bundle.crt 1 same",
		"configmap/shop/corp:ca.crt 1 same",
	}
	talk := verifies(t, 1, []string{"-f", file, "-e", "dev"}, append([]string{"configmap/shop/all:ca-bundle.crt 0 has no key ca-bundle.crt"}, same...)...)
	if !strings.Contains(talk, "note: component/corp: no workload mounts it\n") || !strings.Contains(talk, "note: configmap/*/wide:ca.crt: selects no namespace\n") {
		t.Errorf("says\n%s", talk)
	}

	// What OpenShift and trust-manager would make, and an app that uses the component.
	bundled, _ := json.Marshal(fresh.pem() + public.pem())
	wide, _ := json.Marshal(old.pem())
	l.put(client, `{apiVersion: v1, kind: Namespace, metadata: {name: blog, labels: {roots: "yes"}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: wide, namespace: blog}, data: {ca.crt: `+string(wide)+`}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: shop, labels: {config.openshift.io/inject-trusted-cabundle: "true"}}, data: {ca-bundle.crt: `+string(bundled)+`}}
`)
	app := filepath.Join(dir, "app")
	if err := os.Mkdir(app, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(app, "kustomization.yaml"), "namespace: shop\nresources: [pods.yaml]\ncomponents: [../base/trust/corp/pods]\n")
	write(t, filepath.Join(app, "pods.yaml"), `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {kubectl-certs.dev/trust: corp}}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}`)
	certs(t, 0, "apply", "-k", app)
	out, _ := certs(t, 0, "trust", "verify", "-k", app)
	if !strings.HasPrefix(lines(out)[1], "configmap/shop/corp-") {
		t.Errorf("of the app:\n%s", out)
	}
	pods, _, _ := strings.Cut(lines(out)[1], " ")
	same = append(same, pods+" 1 same", "configmap/shop/all:ca-bundle.crt 2 has them")
	talk = verifies(t, 1, []string{"-f", file, "-e", "dev"}, append([]string{
		"configmap/blog/wide:ca.crt 1 differs", lacks("configmap/blog/wide:ca.crt", fresh)}, same...)...)
	if !strings.Contains(talk, "note: skipped trust/corp/aks: it is for nodes, which cannot be read") {
		t.Errorf("says\n%s", talk)
	}

	both, _ := json.Marshal(old.pem() + fresh.pem())
	l.put(client, `{apiVersion: v1, kind: ConfigMap, metadata: {name: wide, namespace: blog}, data: {ca.crt: `+string(both)+`}}`)
	verifies(t, 0, []string{"-f", file, "-e", "dev"}, append([]string{"configmap/blog/wide:ca.crt 2 same"}, same...)...)

	// The other environment, and what the kustomization of it builds to.
	differ := []string{
		"clustertrustbundle/example.com:foo:corp 1 differs", lacks("clustertrustbundle/example.com:foo:corp", fresh),
		"configmap/shop/corp:ca.crt 1 differs", lacks("configmap/shop/corp:ca.crt", fresh),
		"configmap/blog/wide:ca.crt 2 same",
		"bundle/wide 2 same", "configmap/openshift-config/user-ca-bundle:ca-bundle.crt 1 same", "configmap/shop/all:ca-bundle.crt 2 has them",
	}
	verifies(t, 1, []string{"-k", overlay("prod")}, differ...)
	verifies(t, 1, []string{"-f", file, "-e", "prod"}, append([]string{pods + " 1 differs", lacks(pods, fresh)}, differ...)...)
}

const bundleSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
trust:
- {name: wide, from: [roots.pem], to: {trust-manager: {namespaces: {matchLabels: {roots: "yes"}}}}}
- {name: new, from: [roots.pem], to: {trust-manager: {version: v1alpha2, defaultCAs: true, namespaces: {matchLabels: {roots: nobody}}}}}
`

// TestLiveTrustVerifyBundles: Bundles of the cluster are compared with what Git says,
// not by what they say themselves.
func TestLiveTrustVerifyBundles(t *testing.T) {
	l := startTrustLab(t)
	l.serveKinds(clusterCRD("trust.cert-manager.io", "v1alpha1", "Bundle") + clusterCRD("trust-manager.io", "v1alpha2", "ClusterBundle"))
	client := l.client()
	old, foreign := newRoot(t, "Old Root"), newRoot(t, "Foreign Root")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "old.pem"), old.pem())
	write(t, filepath.Join(dir, "roots.pem"), old.pem())
	file := write(t, filepath.Join(dir, "certs.yaml"), bundleSpec)
	certs(t, 0, "apply", "-f", file)
	target := func(text string) {
		quoted, _ := json.Marshal(text)
		l.put(client, `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {roots: "yes"}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: wide, namespace: shop}, data: {ca.crt: `+string(quoted)+`}}`)
	}
	target(old.pem())
	wide, other, shop := "bundle/wide 1 same", "clusterbundle/new 1 same", "configmap/shop/wide:ca.crt 1 same"
	talk := verifies(t, 0, []string{"-f", file}, wide, other, shop)
	if !strings.Contains(talk, "note: configmap/*/new:ca.crt: selects no namespace\n") {
		t.Errorf("says\n%s", talk)
	}

	inLine, _ := json.Marshal(old.pem())
	for name, tt := range map[string]struct {
		spec   string
		target string
		want   []string
	}{
		"no namespace is selected": {
			`{sources: [{inLine: {old}}], target: {configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {roots: nobody}}}}`, old.pem() + foreign.pem(),
			[]string{"bundle/wide 1 differs", "bundle/wide: selects namespaces with roots=nobody; in Git namespaces with roots=yes",
				"configmap/shop/wide:ca.crt 2 differs", strings.Replace(lacks("configmap/shop/wide:ca.crt", foreign), ": lacks", ": also has", 1)},
		},
		"another key": {
			`{sources: [{inLine: {old}}], target: {configMap: {key: roots.pem}, namespaceSelector: {matchLabels: {roots: "yes"}}}}`, "",
			[]string{"bundle/wide 1 differs", "bundle/wide: writes configmap:roots.pem (PEM); in Git configmap:ca.crt (PEM)",
				"configmap/shop/wide:ca.crt 0 differs", "configmap/shop/wide:ca.crt: cannot be read: no certificate found", lacks("configmap/shop/wide:ca.crt", old)},
		},
		"the system's CAs": {
			`{sources: [{inLine: {old}}, {useDefaultCAs: true}], target: {configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {roots: "yes"}}}}`, old.pem() + foreign.pem(),
			[]string{"bundle/wide 1 differs", "bundle/wide: adds the system's CAs; in Git it does not",
				"configmap/shop/wide:ca.crt 2 differs", strings.Replace(lacks("configmap/shop/wide:ca.crt", foreign), ": lacks", ": also has", 1)},
		},
		"nothing": {
			`{}`, old.pem(),
			[]string{"bundle/wide 0 differs", "bundle/wide: writes nothing; in Git configmap:ca.crt (PEM)", "bundle/wide: selects all namespaces; in Git namespaces with roots=yes", lacks("bundle/wide", old), shop},
		},
	} {
		if err := client.Resource(kinds["Bundle"]).Delete(t.Context(), "wide", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err) // so that nothing of what was applied stays in it
		}
		l.put(client, `{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: wide}, spec: `+strings.ReplaceAll(tt.spec, "{old}", string(inLine))+`}`)
		target(tt.target)
		t.Log(name)
		verifies(t, 1, []string{"-f", file}, append([]string{other}, tt.want...)...)
	}
	if err := client.Resource(kinds["Bundle"]).Delete(t.Context(), "wide", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	l.put(client, `{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: wide}, spec: {}}`)
	verifies(t, 1, []string{filepath.Join(dir, "old.pem"), "--in", "bundle/wide"}, "bundle/wide 0 has no target or selects no namespace")

	// So does a rotation: what Git selects must have the new root.
	fresh := newRoot(t, "New Root")
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	write(t, filepath.Join(dir, "roots.pem"), old.pem()+fresh.pem())
	rotation := rotationOf(t, dir, "wide")
	certs(t, 0, "apply", "-f", file, "--force-conflicts")
	if out, _ := certs(t, 1, "trust", "rotate", "status", "--gate", "distributed", "-f", rotation); !strings.Contains(out, "configmap/shop/wide:ca.crt: lacks CN=New Root") {
		t.Errorf("says\n%s", out)
	}
	both, _ := json.Marshal(old.pem() + fresh.pem())
	l.put(client, `{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: wide}, spec: {sources: [{inLine: `+string(both)+`}], target: {configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {roots: nobody}}}}}`)
	if out, _ := certs(t, 1, "trust", "rotate", "status", "--gate", "distributed", "-f", rotation); !strings.Contains(out, "configmap/shop/wide:ca.crt: lacks CN=New Root") {
		t.Errorf("where the Bundle selects no namespace:\n%s", out)
	}
	target(old.pem() + fresh.pem())
	certs(t, 0, "trust", "rotate", "status", "--gate", "distributed", "-f", rotation)
}

// rotationOf writes the file of a rotation from old.pem to new.pem in roots.pem.
func rotationOf(t *testing.T, dir, entry string) string {
	t.Helper()
	return write(t, filepath.Join(dir, "rotation.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: corp}\nold: [old.pem]\nnew: [new.pem]\nbundle: roots.pem\ntrust: {file: certs.yaml, name: "+entry+"}\n")
}

// TestLiveTrustVerifyOpenShift: the Proxy names what Git says, and what OpenShift
// is to fill is there.
func TestLiveTrustVerifyOpenShift(t *testing.T) {
	l := startTrustLab(t)
	l.serveKinds(clusterCRD("config.openshift.io", "v1", "Proxy"))
	client := l.client()
	makeNamespaces(t, client, "shop", "openshift-config")
	old := newRoot(t, "Old Root")
	dir := t.TempDir()
	roots := write(t, filepath.Join(dir, "old.pem"), old.pem())
	file := write(t, filepath.Join(dir, "certs.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: all, from: [old.pem], to: {openshift: {namespaces: [shop]}}}]\n")
	certs(t, 0, "apply", "-f", file)
	quoted, _ := json.Marshal(old.pem() + newRoot(t, "Public Root").pem())
	const own = "configmap/openshift-config/user-ca-bundle:ca-bundle.crt 1 same"
	l.put(client, `{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: shop, labels: {config.openshift.io/inject-trusted-cabundle: "true"}}, data: {ca-bundle.crt: `+string(quoted)+`}}`)
	verifies(t, 0, []string{"-f", file}, own, "configmap/shop/all:ca-bundle.crt 2 has them")

	l.put(client, `{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {name: other}}}`)
	verifies(t, 1, []string{"-f", file}, own, "configmap/shop/all:ca-bundle.crt 2 has them", "proxy/cluster 0 names ConfigMap other; in Git user-ca-bundle")
	l.put(client, `{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {name: ""}}}`)
	verifies(t, 1, []string{roots, "--in", "openshift"}, "configmap/shop/all:ca-bundle.crt 2 has them", "proxy/cluster 0 has no spec.trustedCA.name")
	if err := client.Resource(kinds["Proxy"]).Delete(t.Context(), "cluster", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.Resource(configMapsOf).Namespace("shop").Delete(t.Context(), "all", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	verifies(t, 1, []string{"-f", file}, own, "configmap/shop/all:ca-bundle.crt 0 not found", "proxy/cluster 0 not found")
}

// TestLiveTrustVerifyKeys: what Git has under one key is not there under
// another, for pods name it.
func TestLiveTrustVerifyKeys(t *testing.T) {
	l := startTrustLab(t)
	client := l.client()
	old, fresh, foreign := newRoot(t, "Old Root"), newRoot(t, "New Root"), newRoot(t, "Foreign Root")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "roots.pem"), old.pem()+fresh.pem())
	file := write(t, filepath.Join(dir, "certs.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: all, from: [roots.pem], to: {configmap: {namespaces: [default]}, aks-secret: {}}}]\n")
	put := func(config, secret string) {
		l.put(client, fill(`{apiVersion: v1, kind: ConfigMap, metadata: {name: all, namespace: default}, data: {`+config+`}}
---
{apiVersion: v1, kind: Secret, metadata: {name: custom-ca-trust-secret, namespace: kube-system}, stringData: {`+secret+`}}`, map[string]signer{"old": old, "new": fresh, "foreign": foreign}))
	}
	both, _ := json.Marshal(old.pem() + fresh.pem())
	const config, secret = "configmap/default/all:ca.crt", "secret/kube-system/custom-ca-trust-secret"
	put("ca.crt: "+string(both), "ca1.crt: {old}, ca2.crt: {new}") // in another order
	verifies(t, 0, []string{"-f", file}, config+" 2 same", secret+" 2 same")
	clearObjects := func() {
		for _, o := range []struct {
			resource        schema.GroupVersionResource
			namespace, name string
		}{{configMapsOf, "default", "all"}, {schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, "kube-system", "custom-ca-trust-secret"}} {
			if err := client.Resource(o.resource).Namespace(o.namespace).Delete(t.Context(), o.name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	clearObjects()
	put("other.crt: "+string(both), "ca1.crt: {old}, ca7.crt: {new}")
	write(t, filepath.Join(dir, "old.pem"), old.pem())
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	if out, _ := certs(t, 1, "trust", "rotate", "status", "--gate", "distributed", "-f", rotationOf(t, dir, "all")); !strings.Contains(out, config+": has no key ca.crt") {
		t.Errorf("a rotation says\n%s", out)
	}
	verifies(t, 1, []string{"-f", file}, config+" 0 has no key ca.crt",
		secret+" 2 differs", secret+": also has certificates in key ca7.crt", secret+": has no certificate in key ca2.crt")
	clearObjects()
	put("ca.crt: "+string(both)+", more.crt: {foreign}", "ca1.crt: {old}, ca2.crt: {new}")
	verifies(t, 1, []string{"-f", file}, config+" 2 differs", config+": also has certificates in key more.crt", secret+" 2 same")
}
