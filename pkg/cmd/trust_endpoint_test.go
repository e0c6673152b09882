package cmd_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// call runs a command line in this process.
func call(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cmd.Main(context.Background(), iostreams.IO{In: strings.NewReader(""), Out: &out, Err: &err}, "v0.0.0-test", append([]string{"kubectl-certs"}, args...))
	return code, out.String(), err.String()
}

// TestTrustEndpoint takes nothing from a server that is not pinned, and tells
// what to type to pin it.
func TestTrustEndpoint(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	address, cert := server.Listener.Addr().String(), server.Certificate()

	code, stdout, stderr := call("trust", "bundle", address, "--target", "aks")
	want := address + ": certificate 1: " + pki.Summary(cert) + "\n" +
		"error: " + address + ": no certificate is pinned, so the server is not authenticated\n" +
		"hint: compare the fingerprint with what the CA publishes, then: kubectl certs trust bundle " + address + " --target aks --pin sha256:"
	if code != 2 || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("exits %d with %q:\n%s", code, stdout, cmp.Diff(want, stderr))
	}

	offered := regexp.MustCompile(`kubectl certs (trust bundle .*)\n`).FindStringSubmatch(stderr)[1]
	code, stdout, stderr = call(strings.Fields(offered)...)
	pool := x509.NewCertPool()
	if code != 0 || !pool.AppendCertsFromPEM([]byte(stdout)) {
		t.Errorf("the command it offers exits %d: %s%s", code, stdout, stderr)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: "example.com"}); err != nil {
		t.Errorf("the server is not trusted by what was written: %v", err)
	}

	another := "sha256:" + strings.Repeat("00", 32)
	if code, stdout, _ := call("trust", "bundle", address, "--pin", another); code != 2 || stdout != "" {
		t.Errorf("with another pin it exits %d and writes %q", code, stdout)
	}
	code, stdout, stderr = call(append(strings.Fields(offered), "--pin", another)...)
	if want := "error: --pin " + another + ": no server has sent a certificate with it\n"; code != 2 || stdout != "" || stderr != want {
		t.Errorf("with a pin that matches and another it exits %d, writes %q and says %s", code, stdout, stderr)
	}
}

// TestTrustEndpointInspect looks at a server without trusting it.
func TestTrustEndpointInspect(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	code, stdout, stderr := call("trust", "inspect", address, "-o", "wide")
	if code != 0 || !strings.Contains(stdout, pki.Fingerprint(server.Certificate())) || !strings.Contains(stdout, address+": certificate 1") {
		t.Errorf("exits %d: %s%s", code, stdout, stderr)
	}
	server.Close()
	code, _, stderr = call("trust", "inspect", address)
	if code != 2 || !strings.HasPrefix(stderr, "error: connect to "+address+": ") {
		t.Errorf("a server that is gone: exits %d with %s", code, stderr)
	}
}
