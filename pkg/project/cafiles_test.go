package project

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

	"github.com/google/go-cmp/cmp"
)

// certificates returns a file of the corpus of package cabundle.
func certificates(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fillTrust is fill for a certs.yaml with these entries of trust, one a line, and
// files of the corpus.
func fillTrust(t *testing.T, entries string, names ...string) Options {
	t.Helper()
	all := map[string]string{"certs.yaml": header + "trust:\n" + entries}
	for _, name := range names {
		all[name] = certificates(t, filepath.Base(name))
	}
	o := fill(t, all)
	o.Now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	return o
}

// relative takes the folder of a certs.yaml out of a text.
func relative(o Options, text string) string {
	return strings.ReplaceAll(text, filepath.Dir(o.File)+string(filepath.Separator), "")
}

// TestCAFiles: what is wrong with the files that an entry of trust names is wrong
// with certs.yaml, and what is merely odd is reported.
func TestCAFiles(t *testing.T) {
	const expired = "error T004: CN=Old Root: expired on 2025-01-01, 516 days ago; remove it, or replace it with its successor, or write allow: [T004]"
	for name, tt := range map[string]struct {
		entries  string
		files    []string
		wrong    string
		reported string
	}{
		"good":             {"- {name: a, from: [one.pem], to: {configmap: {}}}", []string{"one.pem"}, "", ""},
		"of issuers alone": {"- {name: a, fromIssuers: [corp], to: {trust-manager: {trustNamespace: pki}}}\nissuers: [{name: corp, private: {commonName: Corp, namespace: pki}}]", nil, "", ""},
		"two sources":      {"- {name: a, from: [one.pem, expired.pem], to: {configmap: {}}}", []string{"one.pem", "expired.pem"}, "certs.yaml:4: trust[0].from[1]: expired.pem:1: " + expired, ""},
		"missing":          {"- {name: a, from: [x.pem], to: {configmap: {}}}", nil, "certs.yaml:4: trust[0].from[0]: x.pem: no such file or folder", ""},
		"expired, allowed": {"- {name: a, from: [expired.pem], allow: [T004], to: {configmap: {}}}", []string{"expired.pem"}, "", ""},
		"an unknown ID":    {"- {name: a, from: [one.pem], allow: [T004, T999], to: {configmap: {}}}", []string{"one.pem"}, `certs.yaml:4: trust[0].allow[1]: unknown finding "T999"; https://github.com/kubectl-certs/kubectl-certs/blob/main/docs/trust.md lists them`, ""},
		"a key":            {"- {name: a, from: [key-and-root.pem], to: {configmap: {}}}", []string{"key-and-root.pem"}, "", "key-and-root.pem:1: error T111: a private key (dropped); remove the key; if the file was shared, replace the key"},
		"in two entries":   {"- {name: a, from: [version-1.pem], to: {talos: {}}}\n- {name: b, from: [version-1.pem], to: {configmap: {}}}", []string{"version-1.pem"}, "", "version-1.pem:1: warning T013: CN=Version 1 Root: is an X.509 version 1 certificate"},
		"nothing left":     {"- {name: a, from: [unknown-curve.pem], allow: [T019], to: {configmap: {}}}", []string{"unknown-curve.pem"}, "certs.yaml:4: trust[0].from[0]: no certificates remain", ""},
		"not for a target": {"- {name: a, from: [version-1.pem], allow: [T013], to: {cluster-trust-bundle: {}}}", []string{"version-1.pem"},
			"certs.yaml:4: trust[0].from[0]: version-1.pem:1: error T013: CN=Version 1 Root: is an X.509 version 1 certificate; cluster-trust-bundle accepts only certificates with CA: true", ""},
		"no CA for a target": {"- {name: a, from: [self-signed-server.pem], allow: [T001], to: {cluster-trust-bundle: {}}}", []string{"self-signed-server.pem"},
			"certs.yaml:4: trust[0].from[0]: self-signed-server.pem:1: error T001: CN=lab: is not a CA: it has no basicConstraints; cluster-trust-bundle accepts only certificates with CA: true", ""},
		"no CA for others": {"- {name: a, from: [self-signed-server.pem], allow: [T001], to: {configmap: {}}}", []string{"self-signed-server.pem"}, "", ""},
		"advice":           {"- {name: a, from: [cut-first.pem], to: {configmap: {}}}", []string{"cut-first.pem"}, "[T109]", ""},
		"retired": {"- {name: a, from: [one.pem], to: {aks-secret: {}}}", []string{"one.pem"}, "",
			"warning T301: trust a: aks-secret is for a preview that was retired on 14 Sep 2026, and only node pools with enableCustomCATrust use it; use aks for others"},
		"too many for AKS":      {"- {name: a, from: [eleven.pem], allow: [T201], to: {aks: {}}}", []string{"eleven.pem"}, "certs.yaml:4: trust[0].from[0]: error T201: 11 certificates, but AKS accepts 10; remove CAs that nodes do not need (nodes pull images; pods have their own trust), or issue from one root", ""},
		"too many for a Secret": {"- {name: a, from: [eleven.pem], allow: [T201, T301], to: {aks-secret: {}}}", []string{"eleven.pem"}, "certs.yaml:4: trust[0].from[0]: error T201: 11 certificates, but AKS accepts 10; remove CAs that nodes do not need (nodes pull images; pods have their own trust), or issue from one root", ""},
		"as many for others":    {"- {name: a, from: [eleven.pem], to: {talos: {}}}", []string{"eleven.pem"}, "", ""},
		"a password":            {"- {name: a, from: [store-other-password.p12], to: {configmap: {}}}", []string{"store-other-password.p12"}, "; convert it to PEM with kubectl certs trust bundle --password-file", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := fillTrust(t, tt.entries+"\n", tt.files...)
			var reported []string
			o.Report = func(text string) { reported = append(reported, relative(o, text)) }
			_, err := Open(t.Context(), o)
			wrong := relative(o, text(err))
			if partial := tt.wrong != "" && !strings.HasPrefix(tt.wrong, "certs.yaml"); partial && !strings.Contains(wrong, tt.wrong) {
				t.Errorf("error %q, want %q in it", wrong, tt.wrong)
			} else if !partial && wrong != tt.wrong {
				t.Errorf("error (-want +got):\n%s", cmp.Diff(tt.wrong, wrong))
			}
			if diff := cmp.Diff(tt.reported, strings.Join(reported, "\n")); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
			o.Report = nil
			if _, again := Open(t.Context(), o); text(again) != text(err) {
				t.Errorf("without a report: %v", again)
			}
		})
	}
}

// roots returns so many bytes of CA certificates or a few more.
func roots(t *testing.T, size int) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for i := 0; all.Len() < size; i++ {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: fmt.Sprintf("Root %d %s", i, strings.Repeat("x", 5000))}, IsCA: true, BasicConstraintsValid: true,
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
	return all.String()
}

// TestTooLarge: what no object holds is refused for targets that are objects, and
// reported for the others.
func TestTooLarge(t *testing.T) {
	large, half := roots(t, 1<<20), roots(t, 560_000)
	const refused, store = "; remove some, or use only targets that are files", "with the trust store for Java the certificates are too large for one ConfigMap"
	for to, tt := range map[string]struct{ roots, wrong, reported string }{
		"configmap: {}":               {large, refused, ""},
		"trust-manager: {}":           {large, refused, ""},
		"cluster-trust-bundle: {}":    {large, refused, ""},
		"openshift: {}":               {large, refused, ""},
		"aks-secret: {}":              {large, refused, ""},
		"pods: {}":                    {large, refused, ""},
		"talos: {}":                   {large, "", "warning T206: "},
		"trust-manager: {}, pods: {}": {half, "", ""},
		"trust-manager: {}, pods: {variables: [JAVA_TOOL_OPTIONS]}":                       {half, store, ""},
		"trust-manager: {}, pods: {variables: [JAVA_TOOL_OPTIONS], mount: trust-manager}": {half, "", ""},
		"trust-manager: {}, pods: {variables: [SSL_CERT_FILE]}":                           {half, "", ""},
	} {
		t.Run(to, func(t *testing.T) {
			allow := "T201, T203, T206, T301"
			if tt.reported != "" {
				allow = ""
			}
			o := fillTrust(t, "- {name: a, from: [roots.pem], allow: ["+allow+"], to: {"+to+"}}\n")
			write(t, filepath.Join(filepath.Dir(o.File), "roots.pem"), tt.roots)
			o.Now = time.Now()
			var reported string
			o.Report = func(text string) { reported += text }
			_, err := Open(t.Context(), o)
			if !strings.Contains(text(err), tt.wrong) || (err == nil) != (tt.wrong == "") {
				t.Errorf("error %.300q, want %q in it", text(err), tt.wrong)
			}
			if !strings.Contains(reported, tt.reported) || (reported == "") != (tt.reported == "") {
				t.Errorf("reported %.300q, want %q in it", reported, tt.reported)
			}
		})
	}
}

// TestAdvice: an error says what to do about it in words of certs.yaml, and of
// the target.
func TestAdvice(t *testing.T) {
	for name, tt := range map[string]struct{ file, to, want string }{
		"to allow":         {"expired.pem", "configmap: {}", ", or write allow: [T004]"},
		"allowed in words": {"self-signed-server.pem", "configmap: {}", " use allow: [T001]"},
		"lost":             {"malformed.pem", "configmap: {}", ", or omit it with allow: [T016]"},
		"lost for AKS":     {"malformed.pem", "aks: {}", ", or omit it with allow: [T016]"},
	} {
		o := fillTrust(t, "- {name: a, from: ["+tt.file+"], to: {"+tt.to+"}}\n", tt.file)
		if _, err := Open(t.Context(), o); !strings.HasSuffix(text(err), tt.want) || strings.Contains(text(err), "--allow") {
			t.Errorf("%s: %q, want it to end in %q", name, text(err), tt.want)
		}
	}
}

// TestEnvironmentsOfTrust: an error of the file as it stands is not repeated for
// each environment, and one of an environment names it.
func TestEnvironmentsOfTrust(t *testing.T) {
	for name, tt := range map[string]struct{ from, want string }{
		"as it stands":      {"x.pem", "certs.yaml:4: trust[0].from[0]: x.pem: no such file or folder"},
		"in an environment": {"one.pem", "certs.yaml:7: trust[0].from[0] (environment dev): y.pem: no such file or folder"},
	} {
		o := fillTrust(t, "- {name: a, from: ["+tt.from+"], to: {configmap: {}}}\nenvironments:\n- name: dev\n  trust: {a: {from: [y.pem]}}\n- name: prod\n", "one.pem")
		_, err := Open(t.Context(), o)
		if diff := cmp.Diff(tt.want, relative(o, text(err))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestCAFilesOnce: each file is read once, whatever is wrong with it, and what
// was skipped is noted once.
func TestCAFilesOnce(t *testing.T) {
	o := fillTrust(t, "[]\n", "ca/one.pem", "two.pem")
	write(t, filepath.Join(filepath.Dir(o.File), "ca", "README"), "no certificates")
	var notes []string
	o.Note = func(text string) { notes = append(notes, text) }
	files := newCAFiles(o)
	for range 2 {
		if got := len(files.certificates(t.Context(), []string{"ca", "missing.pem", "two.pem"})); got != 3 {
			t.Errorf("%d certificates, want 3", got)
		}
		if err := os.RemoveAll(filepath.Join(filepath.Dir(o.File), "two.pem")); err != nil {
			t.Fatal(err)
		}
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "README") {
		t.Errorf("notes %q, want one about README", notes)
	}
}
