package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
)

// lab is a running lab: a real API server with the real CRDs.
type lab struct {
	*labtest.Lab
	t testing.TB
}

// startLab starts a lab that ends with the test, or skips the test.
func startLab(t testing.TB, more ...string) lab {
	t.Helper()
	return startEmptyLab(t, append(more, "--crds", "cert-manager,gateway-api,nginx")...)
}

func startEmptyLab(t testing.TB, more ...string) lab {
	t.Helper()
	l := lab{Lab: labtest.Start(t, more...), t: t}
	t.Setenv("KUBECONFIG", filepath.Join(l.Dir, "kubeconfig"))
	t.Setenv("HOME", t.TempDir()) // where kubectl's discovery cache is
	return l
}

func (l lab) client() dynamic.Interface {
	l.t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(l.Dir, "kubeconfig"))
	if err != nil {
		l.t.Fatal(err)
	}
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		l.t.Fatal(err)
	}
	return client
}

// certs runs a command and wants an exit code.
func certs(t testing.TB, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	env := iostreams.IO{In: strings.NewReader(""), Out: &out, Err: &talk}
	if got := cmd.Main(context.Background(), env, "v0.0.0-test", append([]string{"kubectl-certs"}, args...)); got != want {
		t.Fatalf("%v exits %d, want %d\n%s%s", args, got, want, out.String(), talk.String())
	}
	return out.String(), talk.String()
}

// kinds are what golden trees are made of.
var kinds = map[string]schema.GroupVersionResource{
	"ClusterIssuer":      {Group: "cert-manager.io", Version: "v1", Resource: "clusterissuers"},
	"Issuer":             {Group: "cert-manager.io", Version: "v1", Resource: "issuers"},
	"Certificate":        {Group: "cert-manager.io", Version: "v1", Resource: "certificates"},
	"Ingress":            {Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
	"VirtualServer":      {Group: "k8s.nginx.org", Version: "v1", Resource: "virtualservers"},
	"VirtualServerRoute": {Group: "k8s.nginx.org", Version: "v1", Resource: "virtualserverroutes"},
	"Gateway":            {Group: "gateway.networking.k8s.io", Version: "v1", Resource: "gateways"},
	"HTTPRoute":          {Group: "gateway.networking.k8s.io", Version: "v1", Resource: "httproutes"},
	"Service":            {Version: "v1", Resource: "services"},
	"DNSEndpoint":        {Group: "externaldns.k8s.io", Version: "v1alpha1", Resource: "dnsendpoints"},
	"ConfigMap":          {Version: "v1", Resource: "configmaps"},
	"Secret":             {Version: "v1", Resource: "secrets"},
	"Bundle":             {Group: "trust.cert-manager.io", Version: "v1alpha1", Resource: "bundles"},
	"ClusterBundle":      {Group: "trust-manager.io", Version: "v1alpha2", Resource: "clusterbundles"},
	"ClusterTrustBundle": {Group: "certificates.k8s.io", Version: "v1beta1", Resource: "clustertrustbundles"},
	"Proxy":              {Group: "config.openshift.io", Version: "v1", Resource: "proxies"},
}

// withClusterTrustBundles is what an API server needs to know that kind.
var withClusterTrustBundles = []string{"--runtime-config", "certificates.k8s.io/v1beta1/clustertrustbundles=true", "--feature-gates", "ClusterTrustBundle=true"}

// dnsEndpoints is the CRD of external-dns as far as we write it; the lab has none.
const dnsEndpoints = `{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "dnsendpoints.externaldns.k8s.io",
	"annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/external-dns/pull/2007"}},
	"spec": {"group": "externaldns.k8s.io", "scope": "Namespaced", "names": {"kind": "DNSEndpoint", "plural": "dnsendpoints"}, "versions": [{
		"name": "v1alpha1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {
			"endpoints": {"type": "array", "items": {"type": "object", "properties": {
				"dnsName": {"type": "string"}, "recordType": {"type": "string"}, "targets": {"type": "array", "items": {"type": "string"}}}}}}}}}}}]}}`

// proxies is the CRD of OpenShift as far as we write it.
const proxies = `{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "proxies.config.openshift.io"},
	"spec": {"group": "config.openshift.io", "scope": "Cluster", "names": {"kind": "Proxy", "plural": "proxies"}, "versions": [{
		"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {
			"trustedCA": {"type": "object", "properties": {"name": {"type": "string"}}}}}}}}}]}}`

// applyCRDs applies those that golden trees need beside the lab's own.
func applyCRDs(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dnsendpoints.yaml"), dnsEndpoints)
	write(t, filepath.Join(dir, "proxies.yaml"), proxies)
	files, err := filepath.Glob(filepath.Join(labtest.Module(t, labtest.TrustManager), "deploy", "crds", "*.yaml"))
	if err != nil || len(files) != 2 {
		t.Fatalf("CRDs of trust-manager: %v %v", files, err)
	}
	resources := "resources: [dnsendpoints.yaml, proxies.yaml"
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(file)), string(data))
		resources += ", " + filepath.Base(file)
	}
	write(t, filepath.Join(dir, "kustomization.yaml"), resources+"]\n")
	certs(t, 0, "apply", "-k", dir)
}

// versions are the resourceVersions of everything that is in the cluster.
func versions(t *testing.T, client dynamic.Interface) map[string]string {
	t.Helper()
	found := map[string]string{}
	for kind, resource := range kinds {
		options := metav1.ListOptions{}
		if resource.Group == "" { // the server has some of its own
			options.LabelSelector = v1alpha1.SetLabel
		}
		list, err := client.Resource(resource).List(context.Background(), options) // also in clean-up
		if apierrors.IsNotFound(err) {
			continue // a kind that this lab does not have
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range list.Items {
			found[kind+"/"+item.GetNamespace()+"/"+item.GetName()] = item.GetResourceVersion()
		}
	}
	return found
}

func makeNamespaces(t testing.TB, client dynamic.Interface, names ...string) {
	t.Helper()
	resource := schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	for _, name := range names {
		ns := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}}
		if _, err := client.Resource(resource).Apply(t.Context(), name, ns, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLiveRoundTrip: every golden tree is accepted by a real API server, is
// there as it was applied, and is not touched by a second apply.
func TestLiveRoundTrip(t *testing.T) {
	l := startLab(t, withClusterTrustBundles...)
	client := l.client()
	applyCRDs(t)
	makeNamespaces(t, client, "acme", "apps", "blog", "cert-manager", "docs", "edge", "infra", "kubectl-certs", "openshift-config", "shop", "team")
	var cases []string
	for _, dir := range []string{"cafe", "overlay"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "testdata", dir, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, found...)
	}
	if len(cases) < 8 {
		t.Fatalf("only %d golden cases", len(cases))
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			dir := unpack(t, file)
			overlays, err := filepath.Glob(filepath.Join(dir, "overlays", "*"))
			if err != nil || len(overlays) == 0 {
				t.Fatalf("no overlays: %v", err)
			}
			for _, o := range overlays {
				roundTrip(t, client, o)
			}
		})
	}
}

func unpack(t *testing.T, file string) string {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range archive.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func roundTrip(t *testing.T, client dynamic.Interface, kustomization string) {
	t.Helper()
	t.Cleanup(func() { clear(t, client) })
	clear(t, client)
	summary, _ := certs(t, 1, "diff", "--live", "-k", kustomization, "--summary")
	objects := strings.Count(summary, "\n+ added") + strings.Count(summary[:min(len(summary), 8)], "+ added")
	applied, _ := certs(t, 0, "apply", "--set", "round-trip", "-k", kustomization)
	if created := strings.Count(applied, " created\n"); created != objects || created == 0 {
		t.Errorf("%d objects were missing, %d created:\n%s%s", objects, created, summary, applied)
	}
	if out, _ := certs(t, 0, "diff", "--live", "-k", kustomization); out != "" {
		t.Errorf("differs from what was applied:\n%s", out)
	}
	before := versions(t, client)
	if again, _ := certs(t, 0, "apply", "--set", "round-trip", "-k", kustomization); strings.Count(again, " unchanged\n") != objects {
		t.Errorf("a second apply says:\n%s", again)
	}
	if diff := cmp.Diff(before, versions(t, client)); diff != "" {
		t.Errorf("a second apply touched (-before +after):\n%s", diff)
	}
}

// clear removes everything that golden trees are made of.
func clear(t *testing.T, client dynamic.Interface) {
	t.Helper()
	for key := range versions(t, client) {
		parts := strings.Split(key, "/")
		if err := client.Resource(kinds[parts[0]]).Namespace(parts[1]).Delete(context.Background(), parts[2], metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

const liveSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: live}
issuers:
- {name: web, ca: {secretName: ca}}
expose:
- {name: a, namespace: default, host: a.example.com, className: traefik, issuer: web, routes: [{path: /, service: s, port: 80}]}
- {name: b, namespace: default, host: b.example.com, className: traefik, issuer: web, routes: [{path: /, service: s, port: 80}]}
`

func write(t testing.TB, name, content string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestLiveChanges: what others did, what we no longer want, and what a cluster
// does not know.
func TestLiveChanges(t *testing.T) {
	l := startLab(t)
	client := l.client()
	file := write(t, filepath.Join(t.TempDir(), "certs.yaml"), liveSpec)
	certs(t, 0, "apply", "-f", file)

	// A field that another manager takes is reported, and not taken back unasked.
	issuer := client.Resource(kinds["ClusterIssuer"])
	if _, err := issuer.Patch(t.Context(), "web", "application/merge-patch+json", []byte(`{"spec":{"ca":{"secretName":"theirs"}}}`), metav1.PatchOptions{FieldManager: "helm"}); err != nil {
		t.Fatal(err)
	}
	out, talk := certs(t, 1, "diff", "--live", "-f", file)
	if !strings.Contains(out, "-    secretName: theirs\n+    secretName: ca\n") || !strings.Contains(talk, `note: ClusterIssuer/web: conflict with "helm" using cert-manager.io/v1: .spec.ca.secretName`) {
		t.Errorf("a conflict is reported as\n%s%s", out, talk)
	}
	if _, talk = certs(t, 2, "apply", "-f", file); !strings.Contains(talk, `conflict with "helm"`) || !strings.Contains(talk, "hint: --force-conflicts") {
		t.Errorf("a conflict stops apply as\n%s", talk)
	}
	certs(t, 0, "apply", "-f", file, "--force-conflicts")

	// What others add beside ours stays.
	if _, err := issuer.Patch(t.Context(), "web", "application/merge-patch+json", []byte(`{"metadata":{"labels":{"team":"x"},"annotations":{"y":"z"}}}`), metav1.PatchOptions{FieldManager: "helm"}); err != nil {
		t.Fatal(err)
	}
	certs(t, 0, "diff", "--live", "-f", file)

	// A field that we no longer want goes.
	write(t, file, strings.Replace(liveSpec, "host: b.example.com", "annotations: {note: x}, host: b.example.com", 1))
	certs(t, 0, "apply", "-f", file)
	write(t, file, liveSpec)
	if out, _ = certs(t, 1, "diff", "--live", "-f", file); !strings.Contains(out, "-    note: x\n") {
		t.Errorf("the removal of a field is reported as\n%s", out)
	}
	certs(t, 0, "apply", "-f", file)

	// An object that we no longer want shows with --prune.
	last := strings.LastIndex(strings.TrimSuffix(liveSpec, "\n"), "\n") + 1
	write(t, file, liveSpec[:last])
	certs(t, 0, "diff", "--live", "-f", file)
	if out, _ = certs(t, 1, "diff", "--live", "--prune", "--summary", "-f", file); !strings.HasPrefix(out, "- removed   Ingress/default/b") {
		t.Errorf("the removal of an object is reported as\n%s", out)
	}
	certs(t, 0, "apply", "--prune", "--dry-run=server", "-f", file)
	if out, _ = certs(t, 0, "apply", "--prune", "-f", file); !strings.Contains(out, "ingress.networking.k8s.io/b pruned\n") {
		t.Errorf("apply --prune says\n%s", out)
	}
	certs(t, 0, "diff", "--live", "--prune", "-f", file)
}

// TestLiveUnknownKinds: missing CRDs are reported once for each kind.
func TestLiveUnknownKinds(t *testing.T) {
	l := startLab(t)
	crds := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	if err := l.client().Resource(crds).Delete(t.Context(), "virtualservers.k8s.nginx.org", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for err := error(nil); err == nil; { // until the API is gone too
		_, err = l.client().Resource(kinds["VirtualServer"]).List(t.Context(), metav1.ListOptions{})
	}
	file := write(t, filepath.Join(t.TempDir(), "certs.yaml"), strings.ReplaceAll(liveSpec, "className: traefik", "as: VirtualServer"))
	out, talk := certs(t, 1, "diff", "--live", "--summary", "-f", file)
	want := "note: skipping 2 VirtualServer objects (k8s.nginx.org/v1): install NGINX Ingress Controller first\n"
	if !strings.HasPrefix(talk, want) || strings.Count(out, "+ added") != 3 {
		t.Errorf("a missing CRD is reported as\n%s%s", out, talk)
	}
	if out, talk = certs(t, 2, "apply", "-f", file); out != "clusterissuer.cert-manager.io/web created\n" || !strings.Contains(talk, "error: 2 objects not applied") {
		t.Errorf("apply says\n%s%s", out, talk)
	}
}

// TestLiveFaults: a server that is gone is a clear error at once, and when it
// is back, applying again leads to the same end.
func TestLiveFaults(t *testing.T) {
	l := startLab(t)
	for _, part := range []string{"etcd", "kube-apiserver"} {
		t.Run(part, func(t *testing.T) {
			namespace := "fault-" + part
			makeNamespaces(t, l.client(), namespace)
			file := write(t, filepath.Join(t.TempDir(), "certs.yaml"), manyIngresses(2000, namespace))
			var killing sync.WaitGroup
			killing.Go(func() {
				waitForSome(t, l.client().Resource(kinds["Ingress"]).Namespace(namespace))
				l.Run("kill", part)
			})
			_, talk := certs(t, 2, "apply", "-f", file)
			killing.Wait()
			if !strings.Contains(talk, "error: ") || !strings.Contains(talk, "hint: run the command again") || strings.Count(talk, "\n") > 4 {
				t.Errorf("an apply that is cut off says\n%s", talk)
			}
			l.Run("start", part)
			certs(t, 0, "apply", "-f", file)
			certs(t, 0, "diff", "--live", "-f", file)
		})
	}
}

// waitForSome returns when an apply is under way.
func waitForSome(t *testing.T, ingresses dynamic.ResourceInterface) {
	for t.Context().Err() == nil {
		list, err := ingresses.List(t.Context(), metav1.ListOptions{Limit: 10})
		if err == nil && len(list.Items) == 10 {
			return
		}
	}
}

func manyIngresses(n int, namespace string) string {
	var b strings.Builder
	b.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: " + namespace + "}\nissuers:\n- {name: web, ca: {secretName: ca}}\nexpose:\n")
	for i := range n {
		fmt.Fprintf(&b, "- {name: a%d, namespace: %s, host: a%d.example.com, className: traefik, issuer: web, routes: [{path: /, service: s, port: 80}]}\n", i, namespace, i)
	}
	return b.String()
}
