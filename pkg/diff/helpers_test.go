package diff

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// seed and key are the secrets that no output may show.
var (
	seed = sha256.Sum256([]byte("the fixture key of package diff"))
	key  = ed25519.NewKeyFromSeed(seed[:])
)

func keyPEM(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// root returns a self-signed CA, the same one every time for a name.
func root(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func certPEM(t testing.TB, names ...string) string {
	t.Helper()
	var s strings.Builder
	for _, name := range names {
		s.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root(t, name).Raw}))
	}
	return s.String()
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// indented puts a prefix before every line.
func indented(s, prefix string) string {
	return prefix + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n"+prefix) + "\n"
}

func decode(t testing.TB, yaml string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(yaml))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, yaml)
	}
	return objects
}

func configMap(key, value string) manifest.Object {
	return manifest.Object{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "x"},
		"data":     map[string]any{key: value},
	}
}

func secret(values map[string]any) manifest.Object {
	return manifest.Object{
		"apiVersion": "v1", "kind": "Secret",
		"metadata": map[string]any{"name": "x", "namespace": "ns"},
		"data":     values,
	}
}

// one compares two objects and returns their one change.
func one(t testing.TB, old, new manifest.Object) Change {
	t.Helper()
	changes := between(t, old, new)
	if len(changes) != 1 {
		t.Fatalf("%d changes, want 1", len(changes))
	}
	return changes[0]
}

func between(t testing.TB, old, new manifest.Object) []Change {
	t.Helper()
	changes, err := Objects([]manifest.Object{old}, []manifest.Object{new})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// signed returns the added and removed lines of a text.
func signed(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line[0] == '+' || line[0] == '-' {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// reports are changes as a command prints them.
type reports struct {
	Items   []Report `json:"items"`
	Summary Counts   `json:"summary"`
}

// writeJSON writes changes as a command does.
func writeJSON(w io.Writer, changes []Change) error {
	r := reports{Items: []Report{}, Summary: Count(changes)}
	for _, c := range changes {
		r.Items = append(r.Items, c.Report())
	}
	data, err := printable.JSON(r)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// writeSummary writes the rows of a summary.
func writeSummary(w io.Writer, changes []Change) error {
	for _, row := range Summary(changes) {
		if _, err := fmt.Fprintln(w, strings.Join(row, "  ")); err != nil {
			return err
		}
	}
	return nil
}
