package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

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
	distributed := func(code int) string {
		out, _ := certs(t, code, "trust", "rotate", "status", "--gate", "distributed", "-f", rotation)
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

	// An entry without users does not block.
	certs(t, 0, "generate", "-f", file)
	if talk := verifies(t, 0, []string{"-f", file}); !strings.Contains(talk, "note: component/corp: no workload mounts it\n") {
		t.Errorf("says\n%s", talk)
	}

	if out, _ := certs(t, 1, "trust", "verify", bundle, "--in", "component/tpyo"); !strings.Contains(out, "no workload mounts it") {
		t.Errorf("a location that was named says\n%s", out)
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
	distributed(1)
	deploy("shop")
	if diff := cmp.Diff(map[string]string{"shop": "same", "blog": "differs"}, mounted(1)); diff != "" {
		t.Errorf("one (-want +got):\n%s", diff)
	}
	if out := distributed(1); !strings.Contains(out, "lacks CN=New Root") || !strings.Contains(out, "\n  StatefulSet/blog/my-web-v1 mounts it: apply its kustomization again\n") {
		t.Errorf("one has it not:\n%s", out)
	}
	deploy("blog")
	distributed(0)

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
	distributed(1)
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
	verifies(t, 1, []string{"-f", file, "--as", "few"}, "component/corp (DaemonSets) 0 listing is forbidden", "component/corp (Deployments) 0 listing is forbidden", "component/corp (StatefulSets) 0 listing is forbidden")

	// What was taken back is made already, and counts again.
	write(t, bundle, old.pem())
	deploy("shop", "blog")
	if diff := cmp.Diff(map[string]string{"shop": "same", "blog": "same"}, mounted(0)); diff != "" {
		t.Errorf("taken back (-want +got):\n%s", diff)
	}
}
