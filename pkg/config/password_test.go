package config

import (
	"strings"
	"testing"
)

// TestPasswordNotQuoted: a password in the wrong place is refused, and not shown.
func TestPasswordNotQuoted(t *testing.T) {
	for _, password := range []string{"123456", "'123456'", "[123456]", "{123456: 123456}", "!!int 123456"} {
		source := "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers: [{name: x, selfSigned: {}}]\n" +
			"certificates: [{name: a, namespace: b, dnsNames: [a.dev], issuer: x, keystores: {jks: {create: true, password: " + password + "}}}]\n"
		if _, err := Parse(nil, "certs.yaml", []byte(source)); err == nil || strings.Contains(err.Error(), "123456") {
			t.Errorf("%s: %v", password, err)
		}
	}
}
