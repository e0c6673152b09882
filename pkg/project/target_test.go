package cli

import (
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// TestTrustNamespace: it is that of the entries that read Secrets of issuers,
// wherever they are among the others.
func TestTrustNamespace(t *testing.T) {
	const (
		follows = `{name: a, fromIssuers: [corp], to: {trust-manager: {trustNamespace: pki}}}`
		files   = `{name: b, from: [roots.pem], to: {trust-manager: {}}}`
		others  = `{name: c, from: [roots.pem], to: {talos: {}}}`
	)
	for trust, want := range map[string]string{
		follows + "," + files + "," + others: "pki",
		files + "," + follows:                "pki",
		files + "," + others:                 "",
	} {
		doc, err := spec.Parse("certs.yaml", []byte(`{apiVersion: kubectl-certs.dev/v1alpha1, kind: Certs, issuers: [{name: corp, private: {commonName: Corp, namespace: pki}}], trust: [`+trust+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := trustNamespace(*doc.Of("")); got != want {
			t.Errorf("%s: %q, want %q", trust, got, want)
		}
	}
}
