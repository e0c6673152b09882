package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// startTrustLab starts a lab that serves ClusterTrustBundles.
func startTrustLab(t *testing.T) lab {
	t.Helper()
	l := lab{Lab: labtest.Start(t, "--crds", "cert-manager,gateway-api,nginx",
		"--runtime-config", "certificates.k8s.io/v1beta1=true", "--feature-gates", "ClusterTrustBundle=true"), t: t}
	t.Setenv("KUBECONFIG", filepath.Join(l.Dir, "kubeconfig"))
	t.Setenv("HOME", t.TempDir())
	return l
}

// clusterCRD is a CRD of a cluster-scoped kind that takes anything.
func clusterCRD(group, version, kind string) string {
	plural := strings.ToLower(kind) + "s"
	if strings.HasSuffix(kind, "y") {
		plural = strings.TrimSuffix(strings.ToLower(kind), "y") + "ies"
	}
	return `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: ` + plural + `.` + group + `},
	  spec: {group: ` + group + `, scope: Cluster, names: {kind: ` + kind + `, plural: ` + plural + `}, versions: [{name: ` + version + `, served: true, storage: true,
	  schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}
---
`
}

// serveKinds installs CRDs and waits until each is served.
func (l lab) serveKinds(crds string) {
	l.t.Helper()
	dir := l.t.TempDir()
	write(l.t, filepath.Join(dir, "crds.yaml"), crds)
	write(l.t, filepath.Join(dir, "kustomization.yaml"), "resources: [crds.yaml]\n")
	certs(l.t.(*testing.T), 0, "apply", "-k", dir)
}

const trusting = `
{apiVersion: v1, kind: Namespace, metadata: {name: blog, labels: {roots: "yes"}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {roots: "yes"}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: openshift-config}}
---
{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: corp}, spec: {sources: [{inLine: {old}}, {inLine: {new}}], target: {configMap: {key: roots.pem}, namespaceSelector: {matchLabels: {roots: "yes"}}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: corp, namespace: shop}, data: {roots.pem: {both}}}
---
{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: wide}, spec: {defaultCAs: {provider: System}, inLineCAs: {both}, target: {configMap: {data: [{key: a.pem}]}, namespaceSelector: {matchLabels: {roots: "yes"}}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: wide, namespace: shop}, data: {a.pem: {all}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: wide, namespace: blog}, data: {a.pem: {old}}}
---
{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: corp}, spec: {trustBundle: {both}}}
---
{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: "example.com:foo:corp"}, spec: {signerName: example.com/foo, trustBundle: {new}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: custom-ca-trust-secret, namespace: kube-system}, stringData: {ca1.crt: {old}, ca2.crt: {new}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: user-ca-bundle, namespace: openshift-config}, data: {ca-bundle.crt: {both}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: injected, namespace: other, labels: {config.openshift.io/inject-trusted-cabundle: "true"}}, data: {ca-bundle.crt: {all}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: empty, namespace: other}, data: {motd: hello}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: glued, namespace: other}, data: {ca.crt: {glued}, motd: hello}}
---
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: leaf, namespace: other}, stringData: {tls.crt: {web}, tls.key: {web.key}, ca.crt: {new}}}
`

// TestLiveTrustVerify: what places hold is compared with the file, wherever
// they are and however they are named.
func TestLiveTrustVerify(t *testing.T) {
	l := startTrustLab(t)
	l.serveKinds(clusterCRD("trust.cert-manager.io", "v1alpha1", "Bundle") + clusterCRD("trust-manager.io", "v1alpha2", "ClusterBundle"))
	client := l.client()
	old, fresh, public := newRoot(t, "Old Root"), newRoot(t, "New Root"), newRoot(t, "Public Root")
	texts := map[string]string{
		"both": old.pem() + fresh.pem(), "all": old.pem() + fresh.pem() + public.pem(),
		"glued": strings.TrimSuffix(old.pem(), "\n") + fresh.pem(),
	}
	manifests := trusting
	for name, text := range texts {
		quoted, _ := json.Marshal(text)
		manifests = strings.ReplaceAll(manifests, "{"+name+"}", string(quoted))
	}
	l.put(client, fill(manifests, map[string]signer{"old": old, "new": fresh, "web": old.leaf("web")}))
	generated := func(hash, text string) {
		quoted, _ := json.Marshal(text)
		l.put(client, `{apiVersion: v1, kind: ConfigMap, metadata: {name: gen-`+hash+`, namespace: other}, data: {ca.crt: `+string(quoted)+`}}`)
	}
	generated("bbbbbbbbbb", old.pem())
	generated("2h7k5m9cdf-2h7k5m9cdf", old.pem()) // of another name
	nextSecond()
	generated("2h7k5m9cdf", texts["both"])
	nextSecond()
	generated("production", old.pem()) // which is no hash
	file := write(t, filepath.Join(t.TempDir(), "roots.pem"), texts["both"])
	for name, tt := range map[string]struct {
		in   string
		code int
		want string
	}{
		"by name": {"corp", 1, `PLACE                                     CERTIFICATES   STATUS
bundle/corp:inLine                        2              same
clustertrustbundle/corp                   2              same
clustertrustbundle/example.com:foo:corp   1              differs
configmap/blog/corp:roots.pem             0              is not there
configmap/shop/corp:roots.pem             2              same

` + lacks("clustertrustbundle/example.com:foo:corp", old) + "\n"},
		"a cluster bundle with the system's roots": {"clusterbundle/wide", 1, `PLACE                       CERTIFICATES   STATUS
clusterbundle/wide:inLine   2              same
configmap/blog/wide:a.pem   1              differs
configmap/shop/wide:a.pem   3              has them

` + lacks("configmap/blog/wide:a.pem", fresh) + "\n"},
		"the Secret of AKS": {"secret/kube-system/custom-ca-trust-secret", 0, `PLACE                                       CERTIFICATES   STATUS
secret/kube-system/custom-ca-trust-secret   2              same
`},
		"the last that kustomize made": {"configmap/other/gen-*", 0, `PLACE                          CERTIFICATES   STATUS
configmap/other/gen-2h7k5m9cdf 2              same
`},
		"none that kustomize made": {"configmap/*/none-*", 1, `PLACE              CERTIFICATES   STATUS
configmap/*/none-* 0              is not there
`},
		"one key of it": {"secret/kube-system/custom-ca-trust-secret:ca1.crt", 1, `PLACE                                               CERTIFICATES   STATUS
secret/kube-system/custom-ca-trust-secret:ca1.crt   1              differs

` + lacks("secret/kube-system/custom-ca-trust-secret:ca1.crt", fresh) + "\n"},
		"OpenShift": {"openshift", 0, `PLACE                                                   CERTIFICATES   STATUS
configmap/openshift-config/user-ca-bundle:ca-bundle.crt   2              same
configmap/other/injected:ca-bundle.crt                    3              has them
`},
		"what OpenShift fills, by its name": {"injected", 0, `PLACE                      CERTIFICATES   STATUS
configmap/other/injected   3              has them
`},
		"blocks that Go does not see": {"configmap/other/glued", 1, `PLACE                   CERTIFICATES   STATUS
configmap/other/glued   2              differs

configmap/other/glued: cannot be read: ca.crt: T102: a block starts on the line on which the one before it ends
`},
		"of a TLS Secret only ca.crt": {"secret/other/leaf", 1, `PLACE               CERTIFICATES   STATUS
secret/other/leaf   1              differs

` + lacks("secret/other/leaf", old) + "\n"},
		"one too many": {"configmap/shop/wide", 1, `PLACE                 CERTIFICATES   STATUS
configmap/shop/wide   3              differs

` + strings.Replace(lacks("configmap/shop/wide", public)+"\n", ": lacks", ": has besides", 1)},
		"what is nowhere": {"nobody,configmap/shop/nobody,configmap/shop/corp:x,bundle/nobody,clustertrustbundle/nobody,configmap/other/glued:motd", 1, `PLACE                         CERTIFICATES   STATUS
bundle/nobody                 0              is not there
clustertrustbundle/nobody     0              is not there
configmap/other/glued:motd    0              differs
configmap/shop/corp:x         0              has no key x
configmap/shop/nobody         0              is not there
nobody                        0              nothing has this name

configmap/other/glued:motd: cannot be read: no certificate in it
` + lacks("configmap/other/glued:motd", fresh) + "\n" + lacks("configmap/other/glued:motd", old) + "\n"},
		"one without certificates, by its name": {"configmap/*/empty", 1, `PLACE               CERTIFICATES   STATUS
configmap/*/empty   0              holds no certificate
`},
		"nothing is there twice": {"configmap/shop/corp,corp,configmap/*/corp", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			out, _ := certs(t, tt.code, "trust", "verify", file, "--in", tt.in)
			if tt.want == "" {
				if strings.Count(out, "configmap/shop/corp") != 1 {
					t.Errorf("says\n%s", out)
				}
				return
			}
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			if diff := cmp.Diff(squeeze(tt.want), squeeze(out)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, out)
			}
		})
	}
	var v struct {
		Places []struct {
			Place   string
			Same    bool
			Missing []struct{ Subject, SHA256 string }
			Changed string
		}
	}
	out, _ := certs(t, 1, "trust", "verify", file, "--in", "corp", "-o", "json")
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Places) != 5 || !v.Places[0].Same || v.Places[2].Missing[0].SHA256 != pki.Fingerprint(old.cert) || v.Places[4].Changed == "" {
		t.Errorf("as JSON:\n%s", out)
	}
}

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
// with the cluster, each place with its own certificates.
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
	if !strings.Contains(talk, "note: component/corp: no workload mounts it\n") || !strings.Contains(talk, "note: configmap/*/wide:ca.crt: no namespace is selected\n") {
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
	if !strings.Contains(talk, "note: trust/corp/aks is for nodes, which cannot be asked") {
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

// TestLiveTrustVerifyBundles: Bundles of the cluster are judged by what Git says,
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
	if !strings.Contains(talk, "note: configmap/*/new:ca.crt: no namespace is selected\n") {
		t.Errorf("says\n%s", talk)
	}

	inLine, _ := json.Marshal(old.pem())
	for name, tt := range map[string]struct {
		spec   string
		target string
		want   []string
	}{
		"nobody is selected": {
			`{sources: [{inLine: {old}}], target: {configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {roots: nobody}}}}`, old.pem() + foreign.pem(),
			[]string{"bundle/wide 1 differs", "bundle/wide: selects namespaces with roots=nobody, in Git namespaces with roots=yes",
				"configmap/shop/wide:ca.crt 2 differs", strings.Replace(lacks("configmap/shop/wide:ca.crt", foreign), ": lacks", ": has besides", 1)},
		},
		"another key": {
			`{sources: [{inLine: {old}}], target: {configMap: {key: roots.pem}, namespaceSelector: {matchLabels: {roots: "yes"}}}}`, "",
			[]string{"bundle/wide 1 differs", "bundle/wide: writes configmap:roots.pem (PEM), in Git configmap:ca.crt (PEM)",
				"configmap/shop/wide:ca.crt 0 differs", "configmap/shop/wide:ca.crt: cannot be read: no certificate in it", lacks("configmap/shop/wide:ca.crt", old)},
		},
		"the system's CAs": {
			`{sources: [{inLine: {old}}, {useDefaultCAs: true}], target: {configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {roots: "yes"}}}}`, old.pem() + foreign.pem(),
			[]string{"bundle/wide 1 differs", "bundle/wide: adds the system's CAs, in Git not",
				"configmap/shop/wide:ca.crt 2 differs", strings.Replace(lacks("configmap/shop/wide:ca.crt", foreign), ": lacks", ": has besides", 1)},
		},
		"nothing": {
			`{}`, old.pem(),
			[]string{"bundle/wide 0 differs", "bundle/wide: writes nothing, in Git configmap:ca.crt (PEM)", "bundle/wide: selects all namespaces, in Git namespaces with roots=yes", lacks("bundle/wide", old), shop},
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
	verifies(t, 1, []string{filepath.Join(dir, "old.pem"), "--in", "bundle/wide"}, "bundle/wide 0 writes nothing: it has no target, or selects no namespace")

	// So does a rotation: what Git selects must have the new root.
	fresh := newRoot(t, "New Root")
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	write(t, filepath.Join(dir, "roots.pem"), old.pem()+fresh.pem())
	rotation := rotationOf(t, dir, "wide")
	certs(t, 0, "apply", "-f", file, "--force-conflicts")
	if out, _ := certs(t, 1, "trust", "rotate", "status", "--gate", "spread", "-f", rotation); !strings.Contains(out, "configmap/shop/wide:ca.crt: lacks CN=New Root") {
		t.Errorf("says\n%s", out)
	}
	both, _ := json.Marshal(old.pem() + fresh.pem())
	l.put(client, `{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: wide}, spec: {sources: [{inLine: `+string(both)+`}], target: {configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {roots: nobody}}}}}`)
	if out, _ := certs(t, 1, "trust", "rotate", "status", "--gate", "spread", "-f", rotation); !strings.Contains(out, "configmap/shop/wide:ca.crt: lacks CN=New Root") {
		t.Errorf("where the Bundle selects nobody:\n%s", out)
	}
	target(old.pem() + fresh.pem())
	certs(t, 0, "trust", "rotate", "status", "--gate", "spread", "-f", rotation)
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
	verifies(t, 1, []string{"-f", file}, own, "configmap/shop/all:ca-bundle.crt 2 has them", "proxy/cluster 0 names ConfigMap other, in Git user-ca-bundle")
	l.put(client, `{apiVersion: config.openshift.io/v1, kind: Proxy, metadata: {name: cluster}, spec: {trustedCA: {name: ""}}}`)
	verifies(t, 1, []string{roots, "--in", "openshift"}, "configmap/shop/all:ca-bundle.crt 2 has them", "proxy/cluster 0 names no ConfigMap with CAs")
	if err := client.Resource(kinds["Proxy"]).Delete(t.Context(), "cluster", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.Resource(configMapsOf).Namespace("shop").Delete(t.Context(), "all", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	verifies(t, 1, []string{"-f", file}, own, "configmap/shop/all:ca-bundle.crt 0 is not there", "proxy/cluster 0 is not there")
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
	if out, _ := certs(t, 1, "trust", "rotate", "status", "--gate", "spread", "-f", rotationOf(t, dir, "all")); !strings.Contains(out, config+": has no key ca.crt") {
		t.Errorf("a rotation says\n%s", out)
	}
	verifies(t, 1, []string{"-f", file}, config+" 0 has no key ca.crt",
		secret+" 2 differs", secret+": has certificates under ca7.crt besides", secret+": has no certificate under ca2.crt")
	clearObjects()
	put("ca.crt: "+string(both)+", more.crt: {foreign}", "ca1.crt: {old}, ca2.crt: {new}")
	verifies(t, 1, []string{"-f", file}, config+" 2 differs", config+": has certificates under more.crt besides", secret+" 2 same")
}

// TestLiveTrustVerifyComponent: what counts of the component for pods is what
// workloads mount, whatever kustomize calls it, and all that they still mount.
func TestLiveTrustVerifyComponent(t *testing.T) {
	l := startTrustLab(t)
	client := l.client()
	makeNamespaces(t, client, "shop", "blog")
	old, fresh := newRoot(t, "Old Root"), newRoot(t, "New Root")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "old.pem"), old.pem())
	write(t, filepath.Join(dir, "new.pem"), fresh.pem())
	bundle := write(t, filepath.Join(dir, "roots.pem"), old.pem())
	file := write(t, filepath.Join(dir, "certs.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: corp, from: [roots.pem], to: {pods: {}}}]\n")
	rotation := rotationOf(t, dir, "corp")
	spread := func(code int) string {
		out, _ := certs(t, code, "trust", "rotate", "status", "--gate", "spread", "-f", rotation)
		return out
	}
	for name, kind := range map[string]string{"shop": "Deployment", "blog": "StatefulSet"} {
		app := filepath.Join(dir, name)
		if err := os.Mkdir(app, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(app, "kustomization.yaml"), "namespace: "+name+"\nnamePrefix: my-\nnameSuffix: -v1\nresources: [pods.yaml]\ncomponents: [../base/trust/corp/pods]\n")
		write(t, filepath.Join(app, "pods.yaml"), `{apiVersion: apps/v1, kind: `+kind+`, metadata: {name: web, labels: {kubectl-certs.dev/trust: corp}}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}`)
	}
	deploy := func(names ...string) {
		certs(t, 0, "generate", "-f", file)
		for _, name := range names {
			certs(t, 0, "apply", "-k", filepath.Join(dir, name))
		}
	}
	mounted := func(code int) map[string]string {
		found := map[string]string{}
		out, _ := certs(t, code, "trust", "verify", "-f", file)
		for _, line := range lines(out)[1:] {
			if words := strings.Fields(line); len(words) > 2 && strings.HasPrefix(words[0], "configmap/") && !strings.HasSuffix(words[0], ":") {
				namespace := strings.Split(words[0], "/")[1]
				found[namespace] = strings.TrimSpace(found[namespace] + " " + words[2])
			}
		}
		return found
	}

	// An entry that nobody uses is no reason to wait.
	certs(t, 0, "generate", "-f", file)
	if talk := verifies(t, 0, []string{"-f", file}); !strings.Contains(talk, "note: component/corp: no workload mounts it\n") {
		t.Errorf("says\n%s", talk)
	}

	if out, _ := certs(t, 1, "trust", "verify", bundle, "--in", "component/tpyo"); !strings.Contains(out, "no workload mounts it") {
		t.Errorf("a place that was named says\n%s", out)
	}

	deploy("shop", "blog")
	if out, _ := certs(t, 0, "trust", "verify", "-f", file, "-n", "shop"); strings.Contains(out, "/blog/") {
		t.Errorf("in one namespace:\n%s", out)
	}
	if diff := cmp.Diff(map[string]string{"shop": "same", "blog": "same"}, mounted(0)); diff != "" {
		t.Errorf("both (-want +got):\n%s", diff)
	}
	write(t, bundle, old.pem()+fresh.pem())
	if diff := cmp.Diff(map[string]string{"shop": "differs", "blog": "differs"}, mounted(1)); diff != "" {
		t.Errorf("none yet (-want +got):\n%s", diff)
	}
	spread(1)
	deploy("shop")
	if diff := cmp.Diff(map[string]string{"shop": "same", "blog": "differs"}, mounted(1)); diff != "" {
		t.Errorf("one (-want +got):\n%s", diff)
	}
	if out := spread(1); !strings.Contains(out, "lacks CN=New Root") || !strings.Contains(out, "\n  StatefulSet/blog/my-web-v1 mounts it: apply its kustomization again\n") {
		t.Errorf("one has it not:\n%s", out)
	}
	deploy("blog")
	spread(0)

	// A pod of before, which the rollout has not replaced yet; then one that ended.
	before := func(phase string) {
		list, err := client.Resource(configMapsOf).Namespace("shop").List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list.Items {
			text, _, _ := unstructured.NestedString(m.Object, "data", "ca.crt")
			if strings.Contains(m.GetName(), "corp") && strings.Count(text, "BEGIN") == 1 {
				l.put(client, `{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: before, namespace: shop}, spec: {containers: [{name: c, image: i}], volumes: [{name: kubectl-certs-corp, configMap: {name: `+m.GetName()+`}}]}}`)
				status := `{"status": {"phase": "` + phase + `"}}`
				if _, err := client.Resource(podsOf).Namespace("shop").Patch(t.Context(), "before", types.MergePatchType, []byte(status), metav1.PatchOptions{}, "status"); err != nil {
					t.Fatal(err)
				}
				return
			}
		}
		t.Fatal("there is no ConfigMap of before")
	}
	before("Running")
	if diff := cmp.Diff("differs same", sorted(mounted(1)["shop"])); diff != "" {
		t.Errorf("with a pod of before (-want +got):\n%s", diff)
	}
	spread(1)
	before("Succeeded")
	if diff := cmp.Diff(map[string]string{"shop": "same", "blog": "same"}, mounted(0)); diff != "" {
		t.Errorf("it ended (-want +got):\n%s", diff)
	}

	// Who may not see all workloads cannot tell what they mount.
	l.put(client, `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: few}, rules: [{apiGroups: ["", batch], resources: [configmaps, pods, jobs, cronjobs], verbs: [get, list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: few}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: few}, subjects: [{kind: User, name: few, apiGroup: rbac.authorization.k8s.io}]}
`)
	verifies(t, 1, []string{"-f", file, "--as", "few"}, "component/corp (DaemonSets) 0 may not be listed", "component/corp (Deployments) 0 may not be listed", "component/corp (StatefulSets) 0 may not be listed")

	// What was taken back is made already, and counts again.
	write(t, bundle, old.pem())
	deploy("shop", "blog")
	if diff := cmp.Diff(map[string]string{"shop": "same", "blog": "same"}, mounted(0)); diff != "" {
		t.Errorf("taken back (-want +got):\n%s", diff)
	}
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// verifies wants trust verify to say some lines and no others, in any order.
func verifies(t *testing.T, code int, args []string, want ...string) (talk string) {
	t.Helper()
	out, talk := certs(t, code, append([]string{"trust", "verify"}, args...)...)
	var got []string
	for _, line := range lines(out)[1:] {
		if line != "" {
			got = append(got, strings.Join(strings.Fields(line), " "))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%v (-want +got):\n%s", args, diff)
	}
	return talk
}

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

func lacks(place string, s signer) string {
	return place + ": lacks CN=" + s.cert.Subject.CommonName + ", until " + s.cert.NotAfter.UTC().Format("2006-01-02") + ", sha256 " + pki.Fingerprint(s.cert)
}
