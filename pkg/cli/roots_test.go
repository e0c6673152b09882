package cli_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRootsTooLarge: what no object holds is refused for those that are
// objects, and said of the others.
func TestRootsTooLarge(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for i := 0; all.Len() < 1<<20; i++ {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: fmt.Sprintf("Root %d %s", i, strings.Repeat("x", 50))}, IsCA: true, BasicConstraintsValid: true,
			NotBefore: time.Now(), NotAfter: time.Now().AddDate(10, 0, 0), KeyUsage: x509.KeyUsageCertSign,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "roots.pem"), all.String())
	file := write(t, filepath.Join(dir, "certs.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: a, from: [roots.pem], to: {configmap: {}}}]\n")
	for _, target := range []string{"configmap: {}", "trust-manager: {}", "cluster-trust-bundle: {}", "openshift: {}", "aks-secret: {}", "pods: {}"} {
		write(t, file, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: a, from: [roots.pem], allow: [T201, T206], to: {"+target+"}}]\n")
		_, talk := certs(t, 2, "generate", "-f", file)
		if !strings.Contains(talk, ":3: trust[0].from[0]: error T206: ") || !strings.Contains(talk, "; leave some out, or keep to targets that are files\n") {
			t.Errorf("%s: generate says\n%s", target, talk)
		}
	}
	write(t, filepath.Join(dir, "some.pem"), strings.Join(strings.SplitAfter(all.String(), "END CERTIFICATE-----\n")[:1100], ""))
	for variables, code := range map[string]int{"": 0, "variables: [JAVA_TOOL_OPTIONS]": 2, "variables: [JAVA_TOOL_OPTIONS], mount: trust-manager": 0} {
		write(t, file, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: a, from: [some.pem], to: {trust-manager: {}, pods: {"+variables+"}}}]\n")
		if _, talk := certs(t, code, "generate", "--dry-run", "-f", file); strings.Contains(talk, ":3: trust[0].from[0]: with the trust store for Java these are too many for one ConfigMap") != (code == 2) {
			t.Errorf("%s: generate says\n%s", variables, talk)
		}
	}
	write(t, file, "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: a, from: [roots.pem], to: {talos: {}}}]\n")
	if _, talk := certs(t, 0, "generate", "-f", file); !strings.Contains(talk, "warning T206: ") {
		t.Errorf("generate says\n%s", talk)
	}
}

// TestRootsTooMany: AKS takes no eleventh certificate, whoever agrees.
func TestRootsTooMany(t *testing.T) {
	eleven, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", "eleven.pem"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "eleven.pem"), string(eleven))
	for target, code := range map[string]int{"aks": 2, "aks-secret": 2, "talos": 0} {
		file := write(t, filepath.Join(dir, "certs.yaml"), "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust: [{name: a, from: [eleven.pem], allow: [T201], to: {"+target+": {}}}]\n")
		_, talk := certs(t, code, "generate", "-f", file)
		if refused := strings.Contains(talk, ":3: trust[0].from[0]: error T201: 11 certificates, of which AKS takes 10; leave out what nodes do not need"); refused != (code == 2) {
			t.Errorf("%s: generate says\n%s", target, talk)
		}
	}
}
