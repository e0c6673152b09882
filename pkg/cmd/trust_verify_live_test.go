package cmd_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// startTrustLab starts a lab that serves ClusterTrustBundles.
func startTrustLab(t *testing.T) lab {
	t.Helper()
	return startLab(t, "--runtime-config", "certificates.k8s.io/v1beta1=true", "--feature-gates", "ClusterTrustBundle=true")
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

// TestLiveTrustVerify: what locations have is compared with the file, wherever
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
	generated("production", old.pem()) // which is not a hash
	file := write(t, filepath.Join(t.TempDir(), "roots.pem"), texts["both"])
	for name, tt := range map[string]struct {
		in   string
		code int
		want string
	}{
		"by name": {"corp", 1, `LOCATION                                  CERTIFICATES   STATUS
bundle/corp:inLine                        2              same
clustertrustbundle/corp                   2              same
clustertrustbundle/example.com:foo:corp   1              differs
configmap/blog/corp:roots.pem             0              not found
configmap/shop/corp:roots.pem             2              same

` + lacks("clustertrustbundle/example.com:foo:corp", old) + "\n"},
		"a cluster bundle with the system's roots": {"clusterbundle/wide", 1, `LOCATION                    CERTIFICATES   STATUS
clusterbundle/wide:inLine   2              same
configmap/blog/wide:a.pem   1              differs
configmap/shop/wide:a.pem   3              has them

` + lacks("configmap/blog/wide:a.pem", fresh) + "\n"},
		"the Secret of AKS": {"secret/kube-system/custom-ca-trust-secret", 0, `LOCATION                                    CERTIFICATES   STATUS
secret/kube-system/custom-ca-trust-secret   2              same
`},
		"the last that kustomize made": {"configmap/other/gen-*", 0, `LOCATION                       CERTIFICATES   STATUS
configmap/other/gen-2h7k5m9cdf 2              same
`},
		"none that kustomize made": {"configmap/*/none-*", 1, `LOCATION           CERTIFICATES   STATUS
configmap/*/none-* 0              not found
`},
		"one key of it": {"secret/kube-system/custom-ca-trust-secret:ca1.crt", 1, `LOCATION                                            CERTIFICATES   STATUS
secret/kube-system/custom-ca-trust-secret:ca1.crt   1              differs

` + lacks("secret/kube-system/custom-ca-trust-secret:ca1.crt", fresh) + "\n"},
		"OpenShift": {"openshift", 0, `LOCATION                                                CERTIFICATES   STATUS
configmap/openshift-config/user-ca-bundle:ca-bundle.crt   2              same
configmap/other/injected:ca-bundle.crt                    3              has them
`},
		"what OpenShift fills, by its name": {"injected", 0, `LOCATION                   CERTIFICATES   STATUS
configmap/other/injected   3              has them
`},
		"blocks that Go does not see": {"configmap/other/glued", 1, `LOCATION                CERTIFICATES   STATUS
configmap/other/glued   2              differs

configmap/other/glued: cannot be read: ca.crt: T102: a block starts on the line where the previous one ends
`},
		"of a TLS Secret only ca.crt": {"secret/other/leaf", 1, `LOCATION            CERTIFICATES   STATUS
secret/other/leaf   1              differs

` + lacks("secret/other/leaf", old) + "\n"},
		"one too many": {"configmap/shop/wide", 1, `LOCATION              CERTIFICATES   STATUS
configmap/shop/wide   3              differs

` + strings.Replace(lacks("configmap/shop/wide", public)+"\n", ": lacks", ": also has", 1)},
		"what is nowhere": {"nobody,configmap/shop/nobody,configmap/shop/corp:x,bundle/nobody,clustertrustbundle/nobody,configmap/other/glued:motd", 1, `LOCATION                      CERTIFICATES   STATUS
bundle/nobody                 0              not found
clustertrustbundle/nobody     0              not found
configmap/other/glued:motd    0              differs
configmap/shop/corp:x         0              has no key x
configmap/shop/nobody         0              not found
nobody                        0              no object has this name

configmap/other/glued:motd: cannot be read: no certificate found
` + lacks("configmap/other/glued:motd", fresh) + "\n" + lacks("configmap/other/glued:motd", old) + "\n"},
		"one without certificates, by its name": {"configmap/*/empty", 1, `LOCATION            CERTIFICATES   STATUS
configmap/*/empty   0              has no certificate
`},
		"nothing is reported twice": {"configmap/shop/corp,corp,configmap/*/corp", 1, ""},
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
		Items []struct {
			Location string
			Same     bool
			Missing  []struct{ Subject, SHA256 string }
			Changed  string
		}
	}
	out, _ := certs(t, 1, "trust", "verify", file, "--in", "corp", "-o", "json")
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Items) != 5 || !v.Items[0].Same || v.Items[2].Missing[0].SHA256 != pki.Fingerprint(old.cert) || v.Items[4].Changed == "" {
		t.Errorf("as JSON:\n%s", out)
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

func lacks(location string, s signer) string {
	return location + ": lacks CN=" + s.cert.Subject.CommonName + ", until " + s.cert.NotAfter.UTC().Format("2006-01-02") + ", sha256 " + pki.Fingerprint(s.cert)
}
