package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// tryCertificates reads a damaged certificate file in all the ways there are.
func tryCertificates(t *trial) {
	data, kind := t.certificateFile()
	t.secrets = append(t.secrets, t.corpus.keyBodies(data)...)
	name := pick(t.Rand, []string{"a.pem", "a.crt", "a.cer", "a.p7b", "a.p12", "a.jks", "a.der", "a", "a.txt"})
	if t.IntN(6) == 0 {
		data, name = wrap(t, data)
	}
	t.write(name, string(data))
	if t.IntN(3) == 0 {
		t.write("good.pem", string(t.corpus.trust["one.pem"]))
	}
	t.tryBundle(name, kind)
	t.readInProject(name)
}

// tryFile reads one file that others wrote.
func tryFile(t *trial, file string) {
	data, err := os.ReadFile(file)
	must(err)
	name := t.write(filepath.Base(file), string(data))
	t.secrets = append(t.secrets, t.corpus.keyBodies(data)...)
	t.tryBundle(name, filepath.Base(file))
	t.writeProject(name)
	t.exec("lint")
}

// certificateFile makes a file and says how.
func (t *trial) certificateFile() (data []byte, kind string) {
	name := pick(t.Rand, t.corpus.names)
	data, kind = t.corpus.trust[name], name
	if t.IntN(4) == 0 {
		data, kind = t.certificate(), "generated"
	}
	switch n := t.IntN(200); {
	case n == 0:
		return slices.Repeat(data, 1+(20<<20)/max(1, len(data))), kind + " to 20 MB"
	case n == 1 && t.IntN(3) == 0:
		// As many blocks as fit into a file of this kind.
		return []byte(strings.Repeat("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 300_000)), "300,000 blocks"
	case n < 60:
		return damage(t.Rand, data), kind + " damaged"
	case n < 90:
		return inBlocks(t, data), kind + " damaged in a block"
	case n < 170:
		return bend(t.Rand, data), kind + " bent"
	default:
		return bend(t.Rand, damage(t.Rand, slices.Concat(data, t.corpus.trust[pick(t.Rand, t.corpus.names)]))), kind + " and another"
	}
}

// inBlocks damages the DER and leaves the PEM around it.
func inBlocks(t *trial, data []byte) []byte {
	block, _ := pem.Decode(data)
	if block == nil {
		return wrongLength(t.Rand, data)
	}
	if t.IntN(2) == 0 {
		block.Bytes = wrongLength(t.Rand, block.Bytes)
	} else {
		block.Bytes = damage(t.Rand, block.Bytes)
	}
	return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})
}

// certificate makes a certificate with odd but valid content.
func (t *trial) certificate() []byte {
	key := ed25519.NewKeyFromSeed(noise(t.Rand, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(noise(t.Rand, 1+t.IntN(20))),
		Subject:      pkix.Name{CommonName: hostile(t.Rand), Organization: []string{hostile(t.Rand)}, Country: []string{"X"}},
		NotBefore:    time.Date(1+t.IntN(2100), 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(1950+t.IntN(8000), 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA:         t.IntN(4) > 0, BasicConstraintsValid: t.IntN(4) > 0, MaxPathLen: t.IntN(3) - 1,
		KeyUsage: x509.KeyUsage(t.IntN(512)), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsage(t.IntN(14))},
		IPAddresses: []net.IP{noise(t.Rand, 16)}, URIs: []*url.URL{{Scheme: "spiffe", Host: "a", Path: "/b"}},
		PermittedDNSDomains: []string{"example.com"},
		SubjectKeyId:        noise(t.Rand, 1+t.IntN(30)),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil { // what Go refuses to write, nothing reads
		return t.corpus.trust["one.pem"]
	}
	if t.IntN(3) == 0 {
		return der
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// wrap puts a file into a manifest.
func wrap(t *trial, data []byte) ([]byte, string) {
	code := base64.StdEncoding.EncodeToString(data)
	text, _ := json.Marshal(strings.ToValidUTF8(string(data), "?"))
	switch t.IntN(4) {
	case 0:
		return fmt.Appendf(nil, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {ca.crt: %s, tls.crt: %s}\n", code, code), "secret.yaml"
	case 1:
		return fmt.Appendf(nil, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {ca.crt: %s}\nbinaryData: {b: %s}\n", text, code), "map.yaml"
	case 2:
		return fmt.Appendf(nil, `{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "trust.cert-manager.io/v1alpha1", "kind": "Bundle", "metadata": {"name": "b"}, "spec": {"sources": [{"inLine": %s}]}}]}`, text), "list.json"
	default:
		return fmt.Appendf(nil, "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks: [{name: x, clientConfig: {caBundle: %s}}]\n", code), "hook.yaml"
	}
}

// tryBundle runs the commands that take a source, and compares their answers.
func (t *trial) tryBundle(name, kind string) {
	source, stdin := name, ""
	switch t.IntN(8) {
	case 0:
		data, err := os.ReadFile(filepath.Join(t.dir, name))
		must(err)
		source, stdin = "-", string(data)
	case 1:
		source = "."
	case 2:
		source = "*" + filepath.Ext(name)
	}
	inspect := []string{"trust", "inspect", source, "--target", pick(t.Rand, []string{"generic", "aks"})}
	if format := pick(t.Rand, []string{"", "wide", "json", "yaml"}); format != "" {
		inspect = append(inspect, "-o", format)
	}
	seen := t.run(command{args: inspect, stdin: stdin})
	bundle := t.run(command{args: []string{"trust", "bundle", source}, stdin: stdin})
	empty := strings.Contains(bundle.stderr, "no certificate is left to write")
	if seen.code >= 0 && bundle.code >= 0 && !empty && (seen.code == 2) != (bundle.code == 2) {
		t.fail("inspect and bundle disagree on what can be read", "%s: %s: inspect exits %d, bundle %d\n%s%s", kind, source, seen.code, bundle.code, short(seen.stderr), short(bundle.stderr))
	}
	if bundle.code != 0 && bundle.stdout != "" {
		t.fail("bundle fails and writes", "%s: %s\n%s", kind, source, short(bundle.stdout))
	}
	if bundle.code != 0 || len(bundle.stdout) >= maxOutput {
		return
	}
	if again := t.run(command{args: []string{"trust", "bundle", "-"}, stdin: bundle.stdout}); again.stdout != bundle.stdout {
		t.fail("bundle of a bundle differs", "%s: %s\n%s\n%s%s", kind, source, short(bundle.stdout), short(again.stdout), short(again.stderr))
	}
}

// writeProject writes a certs.yaml that trusts a file.
func (t *trial) writeProject(file string) {
	target := pick(t.Rand, []string{"aks: {}", "trust-manager: {}", "configmap: {namespaces: [a]}", "cluster-trust-bundle: {}", "openshift: {}", "talos: {}", "bottlerocket: {}", "pods: {}", "aks-secret: {}"})
	name, _ := json.Marshal(file)
	t.write("certs.yaml", fmt.Sprintf("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\ntrust:\n- {name: corp, from: [%s], to: {%s}}\n", name, target))
}

// readInProject reads a file as one that certs.yaml trusts.
func (t *trial) readInProject(file string) {
	t.writeProject(file)
	if t.IntN(2) == 0 {
		t.exec("lint", "-o", pick(t.Rand, []string{"wide", "json", "yaml", "github"}))
		return
	}
	t.generateTwice("certs.yaml")
}

// generateTwice generates a tree, which then is up to date.
func (t *trial) generateTwice(file string) {
	if r := t.run(command{args: []string{"generate", "-f", file, "-d", "out"}, writes: true}); r.code != 0 {
		if _, err := os.Stat(filepath.Join(t.dir, "out")); r.code == 2 && err == nil {
			t.fail("generate fails and writes", "%s%s", short(r.stdout), short(r.stderr))
		}
		return
	}
	if r := t.exec("generate", "-f", file, "-d", "out", "--check"); r.code != 0 {
		t.fail("generate --check after generate", "exit %d\n%s%s", r.code, short(r.stdout), short(r.stderr))
	}
	if r := t.exec("diff", "-f", file, "-d", "out"); r.code != 0 {
		t.fail("diff after generate", "exit %d\n%s%s", r.code, short(r.stdout), short(r.stderr))
	}
}

// readCerts runs trust inspect and lint once on each file of a folder.
func (h *harness) readCerts(folder string) {
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		fmt.Fprintf(os.Stderr, "warning: no files in %s (%v)\n", folder, err)
		return
	}
	for i, file := range files {
		h.try(family{name: "further certificates", try: func(t *trial) { tryFile(t, file) }}, caseSeed(0, "further certificates", i))
	}
}
