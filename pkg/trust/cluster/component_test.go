package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestMountedAt: the objects and keys that a volume mounts as ca.crt.
func TestMountedAt(t *testing.T) {
	one := func(kind, name, key string) []usage.Location {
		return []usage.Location{{Kind: kind, Name: name, Key: key}}
	}
	for text, want := range map[string][]usage.Location{
		`{configMap: {name: a}}`: one("ConfigMap", "a", "ca.crt"),
		`{configMap: {name: a, items: [{key: x, path: y}, {key: ca-bundle.crt, path: ca.crt}]}}`: one("ConfigMap", "a", "ca-bundle.crt"),
		`{projected: {sources: [{configMap: {name: a}}, {secret: {name: b}}]}}`:                  one("ConfigMap", "a", "ca.crt"),
		`{projected: {sources: [{clusterTrustBundle: {name: a, path: ca.crt}}]}}`:                one("ClusterTrustBundle", "a", ""),
		`{secret: {secretName: a}}`: nil,
	} {
		var v corev1.VolumeSource
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, mountedAt(v, "ca.crt")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
