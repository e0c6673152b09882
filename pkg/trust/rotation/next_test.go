package rotation

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// TestNextBundle: the bundle is written in canonical form, and each certificate
// that comes or goes is a line.
func TestNextBundle(t *testing.T) {
	r := Rotation{Bundle: "ca/roots.pem"}
	edit, wrong := r.Next(Facts{Bundle: list(other, oldRoot)}, Status{Step: Remove, Bundle: list(newRoot, other)}, nil)
	if wrong != nil {
		t.Fatal(wrong)
	}
	text := string(edit.Writes["ca/roots.pem"])
	if first, second := strings.Index(text, "New Root"), strings.Index(text, "Other Root"); len(edit.Writes) != 1 || first < 0 || second < first {
		t.Errorf("writes %q", edit.Writes)
	}
	var signs []string
	for _, line := range edit.Changes {
		signs = append(signs, line[:strings.Index(line, ", until")])
	}
	if diff := cmp.Diff([]string{"ca/roots.pem: - CN=Old Root", "ca/roots.pem: + CN=New Root"}, signs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again, _ := r.Next(Facts{}, Status{Step: Distribute}, nil); again.Writes != nil {
		t.Errorf("at a gate it writes %q", again.Writes)
	}
}

// TestNextSwitch: several issuers may be in one file, a switched issuer is
// not written, and nothing is written if one file is wrong.
func TestNextSwitch(t *testing.T) {
	manifest := func(name, secret string) string {
		return "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: " + name + "}\nspec: {ca: {secretName: " + secret + "}}\n"
	}
	files := map[string]string{
		"both.yaml": manifest("corp", "old") + "---\n" + manifest("other", "old"),
		"done.yaml": manifest("third", "corp-2026"),
		"none.yaml": "kind: Namespace\n",
	}
	read := func(name string) ([]byte, error) {
		text, found := files[name]
		if !found {
			return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
		}
		return []byte(text), nil
	}
	issuer := func(name, file string) Issuer {
		return Issuer{Ref: usage.Ref{Kind: "ClusterIssuer", Name: name}, SecretName: "corp-2026", File: file}
	}
	for name, tt := range map[string]struct {
		issuers                []Issuer
		writes, changes, wrong []string
	}{
		"two of a file": {
			issuers: []Issuer{issuer("corp", "both.yaml"), issuer("other", "both.yaml")},
			writes:  []string{manifest("corp", "corp-2026") + "---\n" + manifest("other", "corp-2026")},
			changes: []string{"both.yaml: clusterissuer/corp signs with corp-2026", "both.yaml: clusterissuer/other signs with corp-2026"},
		},
		"switched already": {issuers: []Issuer{issuer("third", "done.yaml")}},
		"some are wrong": {
			issuers: []Issuer{issuer("corp", "both.yaml"), issuer("x", "gone.yaml"), issuer("y", "none.yaml")},
			wrong:   []string{"gone.yaml: no such file", "none.yaml: clusterissuer/y: " + errNoIssuer.Error()},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Now: now, Issuers: tt.issuers, OfNew: []usage.Use{{Ref: usage.Ref{Kind: "Secret", Name: "corp-2026"}, Role: usage.Signer}}}
			for _, i := range tt.issuers {
				f.OfOld = append(f.OfOld, usage.Use{Role: usage.Signer, Cert: oldRoot.Certificate, Path: list(oldRoot), Users: []usage.User{{Ref: i.Ref}}})
			}
			edit, err := Rotation{}.Next(f, Status{Step: Switch}, read)
			var writes, wrong []string
			for _, text := range edit.Writes {
				writes = append(writes, string(text))
			}
			if err != nil {
				wrong = errorTexts(problem.Split(err))
			}
			if diff := cmp.Diff([][]string{tt.writes, tt.changes, tt.wrong}, [][]string{writes, edit.Changes, wrong}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
