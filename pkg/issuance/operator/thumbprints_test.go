package operator

import (
	"context"
	"testing"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// thumbprintOf returns the thumbprint of a private key in PEM.
func thumbprintOf(t *testing.T, pem string) string {
	t.Helper()
	key, err := cmpki.DecodePrivateKeyBytes([]byte(pem))
	if err != nil {
		t.Fatal(err)
	}
	thumbprint, err := responder.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return thumbprint
}

// TestThumbprints: the responder answers for the accounts of issuers from which
// a host is requested, and reads one that another replica has just opened.
func TestThumbprints(t *testing.T) {
	const host = "web.example.com"
	server, secrets := startSecrets(t)
	key := accountKeyPEM(t)
	thumbprint := thumbprintOf(t, key)
	prints := newThumbprints(secrets, snapshotOf(t, "shop", issuer(http01Solver)+certificate(host)))

	if got := prints.readAll(t.Context()); len(got) > 0 {
		t.Errorf("accounts %v", got)
	}
	server.taken()
	server.put("shop", "account", "tls.key", key, map[string]string{v1alpha1.AccountAnnotation: "https://ca.example.com/account/1"})
	if got := prints.of("other.example.com"); len(got) > 0 || len(server.taken()) > 0 {
		t.Errorf("a host without a request: thumbprints %v, or requests", got)
	}
	for range 3 { // the second and third know it
		if diff := cmp.Diff([]string{thumbprint}, prints.of(host)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if got := server.taken(); len(got) != 1 {
		t.Errorf("requests %q", got)
	}
	want := map[string]Account{"Issuer shop/acme": {"https://ca.example.com/account/1", thumbprint}}
	if diff := cmp.Diff(want, prints.readAll(t.Context())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	ended, stop := context.WithCancel(t.Context())
	stop()
	prints.readAll(ended)
	server.taken()
	if got := prints.of(host); len(got) != 1 || len(server.taken()) > 0 {
		t.Errorf("after a read that was cut off: thumbprints %v, or requests", got)
	}
}

// TestMissingAccountIsReadOnceInAWhile: requests from outside cannot make the
// responder ask the API server each time.
func TestMissingAccountIsReadOnceInAWhile(t *testing.T) {
	const host = "web.example.com"
	server, secrets := startSecrets(t)
	prints := newThumbprints(secrets, snapshotOf(t, "shop", issuer(http01Solver)+certificate(host)))
	prints.of(host)
	first := prints.readAt[issuerOf("Issuer", "shop").Key()]
	prints.of(host)
	second := prints.readAt[issuerOf("Issuer", "shop").Key()]
	if requests := server.taken(); len(requests) != 1 && !second.After(first) { // else more than readInterval has passed
		t.Errorf("requests %q", requests)
	}
}
