package overlay_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// application is a kustomization of somebody: a workload of every kind that
// asks for trust, and one that does not.
func application(component, labels string) fstest.MapFS {
	template := `{metadata: {labels: {app: web}}, spec: {
		initContainers: [{name: init, image: x}],
		containers: [{name: a, image: x}, {name: b, image: y, env: [{name: HOME, value: /}, {name: SSL_CERT_FILE, value: /old}], volumeMounts: [{name: data, mountPath: /data}]}],
		volumes: [{name: data, emptyDir: {}}]}}`
	var docs []string
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
		docs = append(docs, "{apiVersion: apps/v1, kind: "+kind+", metadata: {name: web, labels: {"+labels+"}}, spec: {selector: {matchLabels: {app: web}}, template: "+template+"}}")
	}
	docs = append(docs,
		"{apiVersion: batch/v1, kind: Job, metadata: {name: web, labels: {"+labels+"}}, spec: {template: "+template+"}}",
		"{apiVersion: batch/v1, kind: CronJob, metadata: {name: web, labels: {"+labels+"}}, spec: {schedule: '@daily', jobTemplate: {spec: {template: "+template+"}}}}",
		"{apiVersion: apps/v1, kind: Deployment, metadata: {name: other, labels: {app: web}}, spec: {selector: {matchLabels: {app: web}}, template: "+template+"}}",
	)
	return fstest.MapFS{
		"app/kustomization.yaml": {Data: []byte("namespace: shop\nnamePrefix: x-\nresources: [workloads.yaml]\ncomponents: [../" + component + "]\n")},
		"app/workloads.yaml":     {Data: []byte(strings.Join(docs, "\n---\n"))},
	}
}

// TestPods builds the component over an application, as people would.
func TestPods(t *testing.T) {
	_, files := readArchive(t, filepath.Join("..", "..", "testdata", "overlay", "trust_pods.txtar"))
	p := planFiles(t, files)
	for _, tt := range []struct {
		component, labels, dir string
		volume                 map[string]any
		env                    map[string]any
	}{
		{
			component: "base/trust/corp-roots/pods", labels: "kubectl-certs.dev/trust: corp-roots", dir: "/etc/trust/corp-roots",
			volume: map[string]any{"name": "corp-roots", "configMap": map[string]any{"name": "x-corp-roots-HASH"}},
			env: map[string]any{
				"SSL_CERT_FILE": "/etc/trust/corp-roots/ca.crt", "NODE_EXTRA_CA_CERTS": "/etc/trust/corp-roots/ca.crt", "REQUESTS_CA_BUNDLE": "/etc/trust/corp-roots/ca.crt",
				"CURL_CA_BUNDLE": "/etc/trust/corp-roots/ca.crt", "GIT_SSL_CAINFO": "/etc/trust/corp-roots/ca.crt",
			},
		},
		{
			component: "base/trust/everywhere/pods", labels: "app.kubernetes.io/part-of: shop, tier: web", dir: "/etc/trust/everywhere",
			volume: map[string]any{"name": "everywhere", "configMap": map[string]any{"name": "everywhere"}},
			env: map[string]any{
				"SSL_CERT_FILE":     "/etc/trust/everywhere/ca.crt",
				"JAVA_TOOL_OPTIONS": "-Djavax.net.ssl.trustStore=/etc/trust/everywhere/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit",
			},
		},
		{
			component: "base/trust/cluster/pods", labels: "kubectl-certs.dev/trust: cluster", dir: "/etc/trust/cluster",
			volume: map[string]any{"name": "cluster", "projected": map[string]any{"sources": []any{
				map[string]any{"clusterTrustBundle": map[string]any{"name": "example.com:corp:cluster", "path": "ca.crt"}}}}},
			env: map[string]any{"SSL_CERT_FILE": "/old"},
		},
		{
			component: "base/trust/openshift/pods", labels: "kubectl-certs.dev/trust: openshift", dir: "/etc/trust/openshift",
			volume: map[string]any{"name": "openshift", "configMap": map[string]any{"name": "openshift",
				"items": []any{map[string]any{"key": "ca-bundle.crt", "path": "ca.crt"}}}},
			env: map[string]any{"SSL_CERT_FILE": "/old", "NODE_EXTRA_CA_CERTS": "/etc/trust/openshift/ca.crt"},
		},
	} {
		t.Run(tt.component, func(t *testing.T) {
			objects := buildApplication(t, p.tree, tt.component, tt.labels)
			workloads := 0
			for _, o := range objects {
				pod := podOf(o)
				switch {
				case pod == nil:
					continue
				case o.Name() == "x-other":
					if pod["volumes"].([]any)[0].(map[string]any)["name"] != "data" || len(pod["volumes"].([]any)) != 1 {
						t.Errorf("%s is changed: %v", o.ID(), pod)
					}
					continue
				}
				workloads++
				checkPod(t, pod, tt.dir, tt.volume, tt.env)
			}
			if workloads != 5 {
				t.Errorf("%d workloads of 5", workloads)
			}
		})
	}
}

func buildApplication(t *testing.T, tree overlay.Tree, component, labels string) []manifest.Object {
	t.Helper()
	fsys := mapFS(tree)
	maps.Copy(fsys, application(component, labels))
	objects, err := overlay.Kustomize(fsys, "app")
	if err != nil {
		t.Fatal(err)
	}
	var ours overlay.Builder
	again, err := ours.Build(fsys, "app")
	if diff := cmp.Diff(objects, again); diff != "" || err != nil {
		t.Errorf("built by us (-kustomize +us): %v\n%s", err, diff)
	}
	return objects
}

func podOf(o manifest.Object) map[string]any {
	if o.Kind() == "CronJob" {
		return o.Map("spec", "jobTemplate", "spec", "template", "spec")
	}
	return o.Map("spec", "template", "spec")
}

var hash = regexp.MustCompile(`-[a-z0-9]{10}$`)

func checkPod(t *testing.T, pod map[string]any, dir string, volume, env map[string]any) {
	t.Helper()
	var mounted map[string]any
	for _, v := range pod["volumes"].([]any) {
		v := v.(map[string]any)
		if m, ok := v["configMap"].(map[string]any); ok {
			m["name"] = hash.ReplaceAllString(m["name"].(string), "-HASH")
		}
		if v["name"] == volume["name"] {
			mounted = v
		}
	}
	if diff := cmp.Diff(volume, mounted); diff != "" || len(pod["volumes"].([]any)) != 2 {
		t.Errorf("volume (-want +got):\n%s", diff)
	}
	for _, c := range pod["containers"].([]any) {
		c := c.(map[string]any)
		got := map[string]any{}
		list, _ := c["env"].([]any)
		for _, e := range list {
			got[fmt.Sprint(e.(map[string]any)["name"])] = e.(map[string]any)["value"]
		}
		want := maps.Clone(env)
		if c["name"] == "b" {
			want["HOME"] = "/"
		} else if want["SSL_CERT_FILE"] == "/old" {
			delete(want, "SSL_CERT_FILE")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("container %s (-want +got):\n%s", c["name"], diff)
		}
		mount := map[string]any{"name": volume["name"], "mountPath": dir}
		if !slices.ContainsFunc(c["volumeMounts"].([]any), func(m any) bool { return cmp.Equal(m, any(mount)) }) {
			t.Errorf("container %s mounts %v", c["name"], c["volumeMounts"])
		}
	}
	if init := pod["initContainers"].([]any)[0].(map[string]any); len(init) != 2 {
		t.Errorf("init container is changed: %v", init)
	}
}

// TestPodsJava wants the trust store for Java in the ConfigMap, byte for byte.
func TestPodsJava(t *testing.T) {
	p := planSpec(t, []byte("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: corp, from: [two.pem], to: {pods: {variables: [JAVA_TOOL_OPTIONS]}}}]\n"))
	store := p.tree["base/trust/corp/pods/trust.jks"]
	if len(store) == 0 {
		t.Fatal("no trust store")
	}
	for _, o := range buildApplication(t, p.tree, "base/trust/corp/pods", "kubectl-certs.dev/trust: corp") {
		switch {
		case o.Kind() == "ConfigMap":
			got := strings.ReplaceAll(fmt.Sprint(o.Map("binaryData")["trust.jks"]), "\n", "") // kustomize breaks lines
			if got != base64.StdEncoding.EncodeToString(store) || o.Map("data")["ca.crt"] != string(p.tree["base/trust/corp/pods/ca.crt"]) {
				t.Errorf("ConfigMap holds %v", o)
			}
		case o.Name() == "x-web":
			want := "-Djavax.net.ssl.trustStore=/etc/trust/corp/trust.jks -Djavax.net.ssl.trustStorePassword=changeit"
			if !strings.Contains(string(manifest.Encode(o)), want) {
				t.Errorf("%s does not have %s", o.ID(), want)
			}
		}
	}
}
