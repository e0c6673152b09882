package cmd_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestVerbosity: -v logs requests from level 6 on, and never the content of
// Secrets. It is a process of its own, since what klog logs is a setting of the
// process.
func TestVerbosity(t *testing.T) {
	kube := startKube(t)
	c := testCluster{t: t, client: clientOf(t, kube), namespace: "shop", dir: t.TempDir()}
	makeNamespaces(t, c.client, "shop")
	c.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\ntype: kubernetes.io/tls\nstringData: {tls.key: s3cret, tls.crt: s3cret}\n")
	for _, test := range []struct {
		level    string
		requests bool
	}{{"0", false}, {"1", false}, {"6", true}, {"9", true}, {"99", true}} {
		cmd := exec.Command("kubectl-certs", "status", "-v="+test.level)
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("-v=%s: %v\n%s", test.level, err, output)
		}
		text := string(output)
		if strings.Contains(text, kube.URL+"/api/v1/namespaces/shop/secrets") != test.requests {
			t.Errorf("-v=%s: requests logged: %v, want %v\n%s", test.level, !test.requests, test.requests, text)
		}
		if strings.Contains(text, "s3cret") || strings.Contains(text, "czNjcmV0") {
			t.Errorf("-v=%s logs a Secret:\n%s", test.level, text)
		}
	}
}
