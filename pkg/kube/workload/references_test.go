package workload

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestReferences: what a pod reads when it starts, by each way to name it.
func TestReferences(t *testing.T) {
	secret, configMap := Reference{Kind: "Secret", Namespace: "shop", Name: "a"}, Reference{Kind: "ConfigMap", Namespace: "shop", Name: "a"}
	for text, want := range map[string][]Reference{
		`volumes: [{secret: {secretName: a}}]`:                                                        {secret},
		`volumes: [{configMap: {name: a}}]`:                                                           {configMap},
		`volumes: [{emptyDir: {}}]`:                                                                   nil,
		`volumes: [{projected: {sources: [{secret: {name: a}}, {configMap: {name: a}}]}}]`:            {secret, configMap},
		`volumes: [{projected: {sources: [{clusterTrustBundle: {name: b}}]}}]`:                        {{Kind: "ClusterTrustBundle", Name: "b"}},
		`volumes: [{projected: {sources: [{clusterTrustBundle: {signerName: example.com/ca}}]}}]`:     {{Kind: "ClusterTrustBundle", Signer: "example.com/ca"}},
		`volumes: [{projected: {sources: [{serviceAccountToken: {path: token}}]}}]`:                   nil,
		`containers: [{envFrom: [{secretRef: {name: a}}, {configMapRef: {name: a}}]}]`:                {secret, configMap},
		`containers: [{env: [{name: X, value: a}, {name: Y, valueFrom: {secretKeyRef: {name: a}}}]}]`: {secret},
		`initContainers: [{env: [{name: X, valueFrom: {configMapKeyRef: {name: a}}}]}]`:               {configMap},
	} {
		var spec corev1.PodSpec
		if err := yaml.Unmarshal([]byte(text), &spec); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, References("shop", &spec)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
