package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func pod(namespace, name, metadata, volumes, status string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s%s}, spec: {containers: [{name: c, image: i}], volumes: %s}, status: %s}\n---\n", name, namespace, metadata, volumes, status)
}

// TestPods: the pods that read a ConfigMap or a signer's bundles, with their
// workloads.
func TestPods(t *testing.T) {
	const (
		mount  = "[{name: a, configMap: {name: roots}}, {name: b, configMap: {name: roots}}]"
		signer = "[{name: a, projected: {sources: [{clusterTrustBundle: {signerName: example.com/ca, labelSelector: {}, path: x}}]}}]"
		run    = "{phase: Running, startTime: '2026-11-22T10:00:00Z'}"
	)
	owned := func(kind, name, labels string) string {
		return ", labels: {" + labels + "}, ownerReferences: [{apiVersion: apps/v1, kind: " + kind + ", name: " + name + ", uid: u, controller: true}]"
	}
	for name, tt := range map[string]struct{ objects, want string }{
		"alone":                   {pod("shop", "a", "", mount, run), "pod/shop/a of pod/shop/a, started 10: configmap/shop/roots"},
		"of a Deployment":         {pod("shop", "a", owned("ReplicaSet", "web-5d", "pod-template-hash: 5d"), mount, run), "pod/shop/a of deployment/shop/web, started 10: configmap/shop/roots"},
		"of a ReplicaSet":         {pod("shop", "a", owned("ReplicaSet", "web-5d", "app: web"), mount, run), "pod/shop/a of replicaset/shop/web-5d, started 10: configmap/shop/roots"},
		"of a name that ends":     {pod("shop", "a", owned("ReplicaSet", "web-", "app: web"), mount, run), "pod/shop/a of replicaset/shop/web-, started 10: configmap/shop/roots"},
		"of a rollout":            {pod("shop", "a", owned("ReplicaSet", "web-5d", "pod-template-hash: ee"), mount, run), "pod/shop/a of replicaset/shop/web-5d, started 10: configmap/shop/roots"},
		"of a StatefulSet":        {pod("shop", "a", owned("StatefulSet", "db-5d", "pod-template-hash: 5d"), mount, run), "pod/shop/a of statefulset/shop/db-5d, started 10: configmap/shop/roots"},
		"that has not started":    {pod("shop", "a", "", mount, "{phase: Pending}"), "pod/shop/a of pod/shop/a: configmap/shop/roots"},
		"that has finished":       {pod("shop", "a", "", mount, "{phase: Succeeded}"), ""},
		"of another namespace":    {pod("other", "a", "", mount, run), "pod/other/a of pod/other/a, started 10: configmap/other/roots"},
		"of a namespace not read": {pod("default", "a", "", mount, run), ""},
		"without volumes":         {pod("shop", "a", "", "[]", run), ""},
		"with others":             {pod("shop", "a", "", "[{name: a, configMap: {name: others}}]", run), ""},
		"of a signer":             {pod("shop", "a", "", signer, run), "pod/shop/a of pod/shop/a, started 10: clustertrustbundle/example.com:ca:"},
		"two":                     {pod("shop", "b", "", mount, run) + pod("shop", "a", "", mount, run), "pod/shop/a of pod/shop/a, started 10: configmap/shop/roots\npod/shop/b of pod/shop/b, started 10: configmap/shop/roots"},
	} {
		t.Run(name, func(t *testing.T) {
			reader := readerOf(t, kubetest.Start(t), tt.objects, "shop", "other")
			pods, err := reader.Pods(t.Context(), func(ref usage.Ref) bool { return ref.Name != "others" })
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range pods {
				s := fmt.Sprint(p.Ref, " of ", p.Owner)
				if !p.Started.IsZero() {
					s += fmt.Sprint(", started ", p.Started.UTC().Hour())
				}
				s += ":"
				for _, ref := range p.Reads {
					s += " " + ref.String()
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
