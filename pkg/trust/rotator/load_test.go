package rotator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

var (
	now      = catest.Date(2026, 11, 22)
	old      = catest.Root("Old Root")
	fresh    = catest.Root("New Root")
	together = string(catest.PEM(old, fresh))
)

// load loads a rotation from old.pem to new.pem in a folder with some files.
func load(t *testing.T, files map[string]string) (*rotator.Plan, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		name = filepath.Join("ca", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := rotation.Rotation{Old: []string{"old.pem"}, New: []string{"new.pem"}, Bundle: "sub/roots.pem"}
	return rotator.Load(t.Context(), source.Reader{}, "ca/rotation.yaml", r, now)
}

func TestLoad(t *testing.T) {
	for name, tt := range map[string]struct {
		bundle   string // "-" for none
		names    string
		comments bool
	}{
		"no bundle yet":   {bundle: "-"},
		"an empty one":    {},
		"both":            {bundle: together, names: "New Root → Old Root"},
		"with a comment":  {bundle: "# ours\n" + together, names: "New Root → Old Root", comments: true},
		"with the tool's": {bundle: "# CN=Old Root, sha256 00\n" + together, names: "New Root → Old Root"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"old.pem": string(catest.PEM(old)), "new.pem": string(catest.PEM(fresh)), "sub/roots.pem": tt.bundle}
			if tt.bundle == "-" {
				delete(files, "sub/roots.pem")
			}
			p, wrong := load(t, files)
			if wrong != nil {
				t.Fatal(wrong)
			}
			if got := catest.Names(p.Bundle); got != tt.names || p.OwnComments != tt.comments {
				t.Errorf("bundle %q, own comments %v", got, p.OwnComments)
			}
			if got := catest.Names(p.Old) + ", " + catest.Names(p.New); got != "Old Root, New Root" {
				t.Errorf("from and to: %s", got)
			}
		})
	}
}

// TestLoadErrors: the errors of all files are reported, and a bundle that
// would lose something is rejected.
func TestLoadErrors(t *testing.T) {
	_, wrong := load(t, map[string]string{"new.pem": string(catest.PEM(fresh)), "sub/roots.pem": "text\n" + together})
	var got []string
	for _, err := range problem.Split(wrong) {
		got = append(got, err.Error())
	}
	want := []string{
		"ca/old.pem: no such file or folder",
		"ca/sub/roots.pem: line 1 is neither a certificate nor a comment and would be lost when the bundle is rewritten",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if text, _ := hint.Of(problem.Split(wrong)[1]); !strings.HasPrefix(text, "kubectl certs trust bundle ca/sub/roots.pem prints clean PEM") {
		t.Errorf("hint %q", text)
	}
	_, wrong = load(t, map[string]string{"old.pem": string(catest.PEM(old)), "new.pem": together})
	if wrong == nil || !strings.HasSuffix(wrong.Error(), ": CN=Old Root is also an old CA") {
		t.Errorf("the old CA among the new ones: %v", wrong)
	}
}
