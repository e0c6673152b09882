package cmd_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestOutputLost: a command whose result cannot be written fails, whatever it
// found.
func TestOutputLost(t *testing.T) {
	certs := filepath.Join("..", "..", "kustomize", "certs.yaml")
	roots := filepath.Join("..", "..", "testdata", "trust", "one.pem")
	for _, args := range []string{
		"", "--help", "help", "generate --help", "version", "options", "schema", "trust", "completion bash",
		"lint --explain all", "lint --explain C101", "lint -o json -f " + certs, "diff -f " + certs + " -d " + t.TempDir(),
		"generate -e prod -o yaml -f " + certs, "generate --dry-run -f " + certs + " -d " + t.TempDir(), "generate --check -f " + certs + " -d " + t.TempDir(),
		"generate -f " + certs + " -d " + t.TempDir(), "trust inspect " + roots, "trust bundle " + roots, "trust aks nodepool-add -g rg --name c --nodepool np",
	} {
		var talk bytes.Buffer
		env := iostreams.IO{In: strings.NewReader(""), Out: full{}, Err: &talk}
		code := cmd.Main(t.Context(), env, "v0.0.0-test", append([]string{"kubectl-certs"}, strings.Fields(args)...))
		if code != 2 || !strings.HasSuffix(talk.String(), "error: no space left on device\n") {
			t.Errorf("%s: exit code %d, and says\n%s", args, code, talk.String())
		}
	}
}
