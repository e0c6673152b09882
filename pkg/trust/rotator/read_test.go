package rotator_test

import (
	"os"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
)

// TestRead: a rotation is read from the usual file, or from the one that the user
// names, which may be in a folder or on stdin.
func TestRead(t *testing.T) {
	const text = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\nmetadata: {name: corp}\nold: [old.pem]\nnew: [new.pem]\nbundle: roots.pem\nlocations: [configmap/shop/roots]\n"
	const configMap = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
	t.Chdir(t.TempDir())
	for _, dir := range []string{"ca", "empty"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"rotation.yaml": text, "ca/corp.yaml": text, "two.yaml": text + "---\n" + configMap, "other.yaml": configMap} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const one = ": must contain one object of kind Rotation, apiVersion kubectl-certs.dev/v1alpha1, and nothing else"
	for _, tt := range []struct {
		file      string
		named     bool
		want, err string
	}{
		{file: "rotation.yaml", want: "rotation.yaml"},
		{file: "rotation.yaml", named: true, want: "rotation.yaml"},
		{file: "ca", named: true, want: "ca/corp.yaml"},
		{file: "-", named: true, want: "-"},
		{file: "none.yaml", err: "none.yaml: no such file"},
		{file: "none.yaml", named: true, err: "none.yaml: no such file"},
		{file: "two.yaml", named: true, err: "two.yaml" + one},
		{file: "other.yaml", named: true, err: "other.yaml" + one},
		{file: "empty", named: true, err: "empty: no *.yaml, *.yml or *.json files"},
	} {
		file, r, err := rotator.Read(t.Context(), rotator.Input{File: tt.file, Named: tt.named, Stdin: strings.NewReader(text)})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.err || err == nil && (file != tt.want || r.Name != "corp") {
			t.Errorf("%s: %s, rotation %q, error %q, want %s, %q", tt.file, file, r.Name, got, tt.want, tt.err)
		}
		if text, _ := hint.Of(err); strings.HasSuffix(got, "no such file") && text != "kubectl certs trust rotate --help has an example" {
			t.Errorf("%s: hint %q", tt.file, text)
		}
	}
}
