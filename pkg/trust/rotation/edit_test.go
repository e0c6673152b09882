package rotation

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func TestSwitchIssuer(t *testing.T) {
	cluster := Issuer{Ref: usage.Ref{Kind: "ClusterIssuer", Namespace: "", Name: "corp"}, SecretName: "corp-2026"}
	own := Issuer{Ref: usage.Ref{Kind: "Issuer", Namespace: "shop", Name: "own"}, SecretName: "own-2026"}
	const manifest = "# keep\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: corp}\nspec:\n  ca:\n    secretName: corp-ca   # of 2016\n"
	for name, tt := range map[string]struct {
		file   string
		issuer Issuer
		was    string // text that becomes that of the next field, "" for none
		is     string
		err    string
	}{
		"a manifest":                            {manifest, cluster, "corp-ca ", "corp-2026 ", ""},
		"among others":                          {"a: b\n---\n" + manifest + "---\nkind: Issuer\n", cluster, "corp-ca ", "corp-2026 ", ""},
		"in one line, behind an accent":         {"{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: own, namespace: shop, labels: {é: é}}, spec: {ca: {secretName: 'own'}}}\n", own, "'own'", "'own-2026'", ""},
		"a namespace that a kustomization sets": {"apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: own}\nspec: {ca: {secretName: \"own\"}}\n", own, `"own"`, `"own-2026"`, ""},
		"a certs.yaml":                          {"apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- {name: other, ca: {secretName: corp-ca}}\n- {name: corp, ca: {secretName: corp-ca}}\n", cluster, "{name: corp, ca: {secretName: corp-ca", "{name: corp, ca: {secretName: corp-2026", ""},
		"an Issuer in a certs.yaml":             {"apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- name: own\n  kind: Issuer\n  namespace: shop\n  ca: {secretName: own}\n", own, "secretName: own", "secretName: own-2026", ""},
		"already switched":                      {strings.Replace(manifest, "corp-ca", "corp-2026", 1), cluster, "", "", ""},
		"of another name":                       {strings.Replace(manifest, "name: corp", "name: corps", 1), cluster, "", "", errNoIssuer.Error()},
		"of another kind":                       {strings.Replace(manifest, "ClusterIssuer", "Issuer", 1), cluster, "", "", errNoIssuer.Error()},
		"of another group":                      {strings.Replace(manifest, "cert-manager.io", "example.com", 1), cluster, "", "", errNoIssuer.Error()},
		"not a CA issuer":                       {strings.Replace(manifest, "  ca:", "  vault:", 1), cluster, "", "", errNoIssuer.Error()},
		"empty":                                 {"", cluster, "", "", errNoIssuer.Error()},
		"twice":                                 {manifest + "---\n" + manifest, cluster, "", "", "duplicate ca.secretName in lines 7 and 15"},
		"folded":                                {strings.Replace(manifest, "corp-ca ", ">-\n      corp-ca\n    #", 1), cluster, "", "", "cannot edit line 7; change the name there to corp-2026"},
		"an alias":                              {"x: &x corp-ca\n" + strings.Replace(manifest, "corp-ca ", "*x ", 1), cluster, "", "", errNoIssuer.Error()},
		"not YAML":                              {"a: [\n", cluster, "", "", "yaml: line 1: did not find expected node content"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := switchIssuer([]byte(tt.file), tt.issuer)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("error is %v, want %s", err, tt.err)
				}
				if tt.err == errNoIssuer.Error() && !errors.Is(err, errNoIssuer) {
					t.Error("is not errNoIssuer")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(tt.file, tt.was, tt.is, 1)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzSwitchIssuer: an edited file names the new Secret, and editing it again
// changes nothing.
func FuzzSwitchIssuer(f *testing.F) {
	f.Add([]byte("{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: own, namespace: shop, labels: {é: é}}, spec: {ca: {secretName: 'own'}}}\n"))
	f.Add([]byte("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- {name: own, namespace: shop, ca: {secretName: corp-ca}}\n---\nx: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		issuer := Issuer{Ref: usage.Ref{Kind: "Issuer", Namespace: "shop", Name: "own"}, SecretName: "own-2026"}
		once, err := switchIssuer(data, issuer)
		if err != nil {
			return
		}
		twice, err := switchIssuer(once, issuer)
		if err != nil || string(twice) != string(once) {
			t.Errorf("%q becomes %q becomes %q, %v", data, once, twice, err)
		}
	})
}

func TestCheckBundle(t *testing.T) {
	text := string(pemOf(oldRoot, newRoot))
	for name, tt := range map[string]struct {
		text, err string
		own       bool
	}{
		"PEM":            {text, "", false},
		"CRLF":           {strings.ReplaceAll(text, "\n", "\r\n"), "", false},
		"empty":          {"", "", false},
		"our comments":   {"# CN=Old Root, until 2036-01-01, sha256 75:a8\n" + text, "", false},
		"own comments":   {"# ask Jane\n\n" + text, "", true},
		"a manifest":     {"kind: ConfigMap\ndata:\n  ca.crt: |\n" + text, "line 1 is neither a certificate nor a comment and would be lost when the bundle is rewritten", false},
		"a private key":  {text + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", fmt.Sprintf("line %d is neither a certificate nor a comment and would be lost when the bundle is rewritten", strings.Count(text, "\n")+1), false},
		"DER":            {string(oldRoot.Raw), "line 1 is neither a certificate nor a comment and would be lost when the bundle is rewritten", false},
		"text around it": {"Corp Root\n" + text, "line 1 is neither a certificate nor a comment and would be lost when the bundle is rewritten", false},
	} {
		t.Run(name, func(t *testing.T) {
			own, err := CheckBundle([]byte(tt.text))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.err || own != tt.own {
				t.Errorf("own comments %v, error %q", own, got)
			}
		})
	}
}
