package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// FuzzCheck: any objects can be checked, with the same result twice. Each
// finding has a rule and a fix, and those of an allowed ID are notes.
func FuzzCheck(f *testing.F) {
	for _, file := range cases(f, "lint") {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b overlay.Builder
		parsed, err := b.Objects("fuzz.yaml", data)
		if err != nil {
			return
		}
		first := lint.Check(parsed, nil, now)
		if second := lint.Check(parsed, nil, now); !slices.Equal(first, second) {
			t.Fatalf("checked twice, and differently:\n%v\n%v", first, second)
		}
		for _, found := range first {
			if rule, known := lint.RuleOf(found.ID); !known || found.Fix == "" || found.Reason == "" || found.Severity == "" {
				t.Fatalf("%+v of rule %+v", found, rule)
			}
		}
	})
}

// TestFindingsHideSecrets: findings never show the content of a Secret.
func TestFindingsHideSecrets(t *testing.T) {
	const secret = "h7Kq0ZxW3vTn8YbR"
	pem := "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n"
	manifests := []string{
		"stringData: {tls.key: " + quoted(pem) + ", ca.crt: " + secret + ", password: " + secret + "}",
		"stringData: {ca.crt: " + quoted(strings.ReplaceAll(pem, "PRIVATE KEY", "CERTIFICATE")) + "}",
		"data: {ca.crt: " + secret + ", ca.pem: " + secret + "!}",
		"type: kubernetes.io/tls\ndata: {ca.crt: " + secret + ", tls.key: " + secret + "}",
	}
	for _, m := range manifests {
		for _, name := range []string{"token", "custom-ca-trust-secret"} {
			yaml := issuer + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: " + name + ", namespace: cert-manager}\n" + m +
				"\n---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: i}\nspec: {vault: {auth: {tokenSecretRef: {name: token}}}}\n" +
				"---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c}\nspec: {keystores: {jks: {password: " + secret + "}}}\n"
			found := lint.Check(objects(t, []byte(yaml)), nil, now)
			if len(found) < 2 {
				t.Errorf("next to nothing is found in %s: %v", m, found)
			}
			for _, f := range found {
				if text := f.String() + f.Fix; strings.Contains(text, secret) || strings.Contains(text, secret[4:12]) {
					t.Errorf("shows what is in a Secret: %s", text)
				}
			}
		}
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"` }
