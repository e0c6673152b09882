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

// application is a kustomization of a user: a workload of every kind that
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
			component: "base/trust/corp-roots/pods", labels: "kubectl-certs.dev/trust: corp-roots", dir: "/etc/kubectl-certs/corp-roots",
			volume: map[string]any{"name": "kubectl-certs-corp-roots", "configMap": map[string]any{"name": "x-corp-roots-HASH"}},
			env: map[string]any{
				"SSL_CERT_FILE": "/etc/kubectl-certs/corp-roots/ca.crt", "NODE_EXTRA_CA_CERTS": "/etc/kubectl-certs/corp-roots/ca.crt", "REQUESTS_CA_BUNDLE": "/etc/kubectl-certs/corp-roots/ca.crt",
				"CURL_CA_BUNDLE": "/etc/kubectl-certs/corp-roots/ca.crt", "GIT_SSL_CAINFO": "/etc/kubectl-certs/corp-roots/ca.crt",
			},
		},
		{
			component: "base/trust/everywhere/pods", labels: "app.kubernetes.io/part-of: shop, tier: web", dir: "/etc/kubectl-certs/everywhere",
			volume: map[string]any{"name": "kubectl-certs-everywhere", "configMap": map[string]any{"name": "everywhere"}},
			env: map[string]any{
				"SSL_CERT_FILE":     "/etc/kubectl-certs/everywhere/ca.crt",
				"JAVA_TOOL_OPTIONS": " -Djavax.net.ssl.trustStore=/etc/kubectl-certs/everywhere/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit",
			},
		},
		{
			component: "base/trust/cluster/pods", labels: "kubectl-certs.dev/trust: cluster", dir: "/etc/kubectl-certs/cluster",
			volume: map[string]any{"name": "kubectl-certs-cluster", "projected": map[string]any{"sources": []any{
				map[string]any{"clusterTrustBundle": map[string]any{"name": "example.com:corp:cluster", "path": "ca.crt"}}}}},
			env: map[string]any{"SSL_CERT_FILE": "/old"},
		},
		{
			component: "base/trust/openshift/pods", labels: "kubectl-certs.dev/trust: openshift", dir: "/etc/kubectl-certs/openshift",
			volume: map[string]any{"name": "kubectl-certs-openshift", "configMap": map[string]any{"name": "openshift",
				"items": []any{map[string]any{"key": "ca-bundle.crt", "path": "ca.crt"}}}},
			env: map[string]any{"SSL_CERT_FILE": "/old", "NODE_EXTRA_CA_CERTS": "/etc/kubectl-certs/openshift/ca.crt"},
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

// maskHash replaces the hash that Kustomize appended to a name.
func maskHash(name string) string {
	if before, hashed := manifest.CutHash(name); hashed {
		return before + "-HASH"
	}
	return name
}

func checkPod(t *testing.T, pod map[string]any, dir string, volume, env map[string]any) {
	t.Helper()
	var mounted map[string]any
	for _, v := range pod["volumes"].([]any) {
		v := v.(map[string]any)
		if m, ok := v["configMap"].(map[string]any); ok {
			m["name"] = maskHash(m["name"].(string))
		}
		if v["name"] == volume["name"] {
			mounted = v
		}
	}
	if diff := cmp.Diff(volume, mounted); diff != "" || len(pod["volumes"].([]any)) != 2 {
		t.Errorf("volume (-want +got):\n%s", diff)
	}
	for _, c := range slices.Concat(pod["containers"].([]any), pod["initContainers"].([]any)) {
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
	if n := len(pod["initContainers"].([]any)); n != 1 {
		t.Errorf("%d init containers of 1", n)
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
			want := "-Djavax.net.ssl.trustStore=/etc/kubectl-certs/corp/trust.jks -Djavax.net.ssl.trustStorePassword=changeit"
			if !strings.Contains(string(manifest.Encode(o)), want) {
				t.Errorf("%s does not have %s", o.ID(), want)
			}
		}
	}
}

// takenNames is a workload that has what the components for corp bring: names
// that are the same, that have theirs in them, and written in every way.
const takenNames = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {kubectl-certs.dev/trust: corp}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: first, image: x}
      - name: sidecar
        image: x
        restartPolicy: Always
        env: [{name: "SSL_CERT_FILE", valueFrom: {secretKeyRef: {name: x, key: y}}}]
      containers:
      - name: a
        image: x
        env:
        - {name: MY_SSL_CERT_FILE, value: mine}
        - {name: SSL_CERT_FILE_2, value: mine}
        - name: SSL_CERT_FILE # of the team
          valueFrom: {configMapKeyRef: {name: x, key: y}}
        - {name: JAVA_TOOL_OPTIONS, value: -Xms1g -Xmx1g}
        volumeMounts:
        - {name: corp, mountPath: /etc/trust/corp}
        - {name: corp-2, mountPath: /data}
      - name: b
        image: x
        env: [{name: 'SSL_CERT_FILE', value: ""}]
        volumeMounts: []
      - name: c # SSL_CERT_FILE
        image: x
        env:
      volumes:
      - {name: corp, emptyDir: {}}
      - {name: corp-2, configMap: {name: mine}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: without, labels: {kubectl-certs.dev/trust: corp}}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: x}]}}
`

// TestPodsKeepOwnFields wants what workloads have of their own to stay as it is, but
// for variables of the same name, which are replaced as a whole.
func TestPodsKeepOwnFields(t *testing.T) {
	long := strings.Repeat("roots-", 10) + "abc" // as long as a name can be
	p := planSpec(t, []byte(`apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
trust:
- {name: corp, from: [two.pem], to: {pods: {variables: [SSL_CERT_FILE, JAVA_TOOL_OPTIONS]}}}
- {name: corp-2, from: [two.pem], to: {pods: {matchLabels: {kubectl-certs.dev/trust: corp}, variables: []}}}
- {name: `+long+`, from: [two.pem], to: {pods: {matchLabels: {kubectl-certs.dev/trust: corp}, variables: []}}}
`))
	fsys := mapFS(p.tree)
	fsys["app/kustomization.yaml"] = &fstest.MapFile{Data: []byte("resources: [workloads.yaml]\ncomponents: [../base/trust/corp-2/pods, ../base/trust/corp/pods, ../base/trust/" + long + "/pods]\n")}
	fsys["app/workloads.yaml"] = &fstest.MapFile{Data: []byte(takenNames)}
	objects, err := overlay.Kustomize(fsys, "app")
	if err != nil {
		t.Fatal(err)
	}
	const java = " -Djavax.net.ssl.trustStore=/etc/kubectl-certs/corp/trust.jks -Djavax.net.ssl.trustStorePassword=changeit"
	value := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	file := value("SSL_CERT_FILE", "/etc/kubectl-certs/corp/ca.crt")
	mount := func(name, path string) any { return map[string]any{"name": name, "mountPath": path} }
	shortened := "kubectl-certs-roots-roots-roots-roots-roots-roots-root-" + "LAST"
	mounts := []any{mount("kubectl-certs-corp-2", "/etc/kubectl-certs/corp-2"), mount("kubectl-certs-corp", "/etc/kubectl-certs/corp"), mount(shortened, "/etc/kubectl-certs/"+long)}
	container := func(name string, more map[string]any) any {
		c := map[string]any{"name": name, "image": "x", "env": []any{file, value("JAVA_TOOL_OPTIONS", java)}, "volumeMounts": mounts}
		maps.Copy(c, more)
		return c
	}
	configMap := func(volume, name string) any {
		return map[string]any{"name": volume, "configMap": map[string]any{"name": name}}
	}
	ours := []any{configMap(shortened, long+"-HASH"), configMap("kubectl-certs-corp", "corp-HASH"), configMap("kubectl-certs-corp-2", "corp-2-HASH")}
	want := map[string]any{
		"web": map[string]any{
			"initContainers": []any{container("first", nil), container("sidecar", map[string]any{"restartPolicy": "Always"})},
			"containers": []any{
				container("a", map[string]any{
					"env":          []any{value("MY_SSL_CERT_FILE", "mine"), value("SSL_CERT_FILE_2", "mine"), file, value("JAVA_TOOL_OPTIONS", "-Xms1g -Xmx1g"+java)},
					"volumeMounts": append([]any{mount("corp", "/etc/trust/corp"), mount("corp-2", "/data")}, mounts...),
				}),
				container("b", nil), container("c", nil),
			},
			"volumes": append(slices.Clone(ours), map[string]any{"name": "corp", "emptyDir": map[string]any{}}, configMap("corp-2", "mine")),
		},
		"without": map[string]any{"initContainers": []any{}, "containers": []any{container("a", nil)}, "volumes": ours},
	}
	got := map[string]any{}
	for _, o := range objects {
		if pod := podOf(o); pod != nil {
			got[o.Name()] = pod
		}
	}
	text := string(manifest.Encode(got))
	for _, name := range regexp.MustCompile(`kubectl-certs-roots-[a-z0-9-]*`).FindAllString(text, -1) {
		if len(name) != 63 {
			t.Errorf("volume %s has %d characters", name, len(name))
		}
	}
	text = regexp.MustCompile(`(kubectl-certs-roots-.*-)[0-9a-f]{8}\n`).ReplaceAllString(text, "${1}LAST\n")
	text = regexp.MustCompile(`(?m)name: .*$`).ReplaceAllStringFunc(text, maskHash)
	if diff := cmp.Diff(string(manifest.Encode(want)), text); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}
