package cmd_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
)

// TestLintReadFails: nothing of a file that cannot be read to its end is checked.
func TestLintReadFails(t *testing.T) {
	for name, start := range map[string]string{
		"certs.yaml": "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers: [{name: a, acme: {server: letsencrypt-staging, email: a@example.com, solvers: [{http01: {ingressClassName: a}}]}}]\n",
		"manifests":  "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: none}\nspec: {}\n---\nno: object\n",
	} {
		var out, talk bytes.Buffer
		env := iostreams.IO{In: io.MultiReader(strings.NewReader(start), iotest.ErrReader(errors.New("read stdin: broken"))), Out: &out, Err: &talk}
		code := cmd.Main(t.Context(), env, "v0.0.0-test", []string{"kubectl-certs", "lint", "-"})
		if diff := cmp.Diff("error: read stdin: broken\n", out.String()+talk.String()); code != 2 || diff != "" {
			t.Errorf("%s: exit code %d (-want +got):\n%s", name, code, diff)
		}
	}
}
