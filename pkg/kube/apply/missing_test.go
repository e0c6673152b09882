package apply

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestRemedy: the remedy names what to install, or how to start the API server.
func TestRemedy(t *testing.T) {
	for want, kind := range map[string]schema.GroupVersionKind{
		"install cert-manager first":   {Group: "cert-manager.io", Version: "v1", Kind: "Issuer"},
		"only OpenShift has this kind": {Group: "config.openshift.io", Version: "v1", Kind: "Proxy"},
		"install its CRD first":        {Group: "example.com", Version: "v1", Kind: "Issuer"},
		"start the API server with --feature-gates=ClusterTrustBundle=true and --runtime-config=certificates.k8s.io/v1beta1/clustertrustbundles=true": {
			Group: "certificates.k8s.io", Version: "v1beta1", Kind: "ClusterTrustBundle"},
	} {
		if got := (Missing{Kind: kind}).Remedy(); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}
