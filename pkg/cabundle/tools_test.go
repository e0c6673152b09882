package cabundle

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
)

// run runs a tool in a folder, or skips where it is not installed.
func run(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, stderr.Bytes())
	}
	return out
}

// allEntries are the certificates of the whole corpus.
func allEntries() []Entry {
	var all []Entry
	for _, s := range samples() {
		bundle, _ := Read(s.name, []byte(s.data), s.passwords...)
		all = append(all, bundle.Entries...)
	}
	return Normalise(all)
}

func count(out []byte, line string) int {
	return len(regexp.MustCompile(`(?m)^`+line).FindAll(out, -1))
}

// TestToolsReadOurs: OpenSSL and Java read all certificates of bundles that
// are written here.
func TestToolsReadOurs(t *testing.T) {
	dir, all := t.TempDir(), allEntries()
	for _, target := range Targets {
		file, forJava := string(target)+".pem", string(target)+"-java.pem"
		named := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return len(e.Cert.Subject.Names) == 0 }) // T017
		for name, entries := range map[string][]Entry{file: all, forJava: named} {
			if err := os.WriteFile(filepath.Join(dir, name), Encode(entries, target), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("openssl "+file, func(t *testing.T) {
			if n := count(run(t, dir, "openssl", "storeutl", "-noout", "-certs", file), `\d+: Certificate`); n != len(all) {
				t.Errorf("OpenSSL reads %d certificates of %d", n, len(all))
			}
		})
		t.Run("keytool "+file, func(t *testing.T) {
			if n := 1 + count(run(t, dir, "keytool", "-printcert", "-file", forJava), "Owner: "); n != len(all) {
				t.Errorf("Java reads %d certificates of %d", n, len(all))
			}
		})
	}
}

// TestReadsOutputOfOpenSSLAndJava reads the output of OpenSSL and Java.
func TestReadsOutputOfOpenSSLAndJava(t *testing.T) {
	importTo := func(kind, store string) []string {
		return []string{"keytool", "-importcert", "-noprompt", "-storetype", kind, "-keystore", store, "-storepass", "changeit", "-alias", "corp", "-file", "a.pem"}
	}
	noKeys := func(password string, more ...string) []string {
		return append([]string{"openssl", "pkcs12", "-export", "-nokeys", "-in", "a.pem", "-passout", password, "-out", "a.p12"}, more...)
	}
	for name, tt := range map[string]struct {
		command []string
		file    string
	}{
		"PKCS#7 PEM":                   {command: []string{"openssl", "crl2pkcs7", "-nocrl", "-certfile", "a.pem", "-out", "a.p7b"}, file: "a.p7b"},
		"PKCS#7 DER":                   {command: []string{"openssl", "crl2pkcs7", "-nocrl", "-certfile", "a.pem", "-outform", "DER", "-out", "a.p7b"}, file: "a.p7b"},
		"DER":                          {command: []string{"openssl", "x509", "-in", "a.pem", "-outform", "DER", "-out", "a.der"}, file: "a.der"},
		"text and PEM":                 {command: []string{"openssl", "x509", "-in", "a.pem", "-text", "-out", "a.txt"}, file: "a.txt"},
		"Java JKS":                     {command: importTo("JKS", "a.jks"), file: "a.jks"},
		"Java PKCS#12":                 {command: importTo("PKCS12", "a.p12"), file: "a.p12"},
		"PKCS#12 without a mark":       {command: noKeys("pass:changeit"), file: "a.p12"},
		"PKCS#12, no password":         {command: noKeys("pass:"), file: "a.p12"},
		"PKCS#12, of old":              {command: noKeys("pass:changeit", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"), file: "a.p12"},
		"PKCS#12, of old, no password": {command: noKeys("pass:", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"), file: "a.p12"},
		"PKCS#12 in the open":          {command: noKeys("pass:changeit", "-certpbe", "NONE"), file: "a.p12"},
		"PKCS#12 without a sum":        {command: noKeys("pass:changeit", "-nomac"), file: "a.p12"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.pem"), []byte(pemOf(rsaRoot("Corp Root", 2048))), 0o644); err != nil {
				t.Fatal(err)
			}
			run(t, dir, tt.command[0], tt.command[1:]...)
			data, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			bundle, err := Read(tt.file, data, "", "changeit")
			if err != nil || len(bundle.Entries) != 1 {
				t.Errorf("%d certificates and error %v", len(bundle.Entries), err)
			}
		})
	}
}

// TestJavaReadsOurs: Java, the library and our own reader read all
// certificates of a trust store that is written here.
func TestJavaReadsOurs(t *testing.T) {
	named := slices.DeleteFunc(allEntries(), func(e Entry) bool { return len(e.Cert.Subject.Names) == 0 }) // T017
	data := EncodeJKS(named, "changeit")
	if !bytes.Equal(data, EncodeJKS(named, "changeit")) {
		t.Error("not the same the second time")
	}
	bundle, err := Read("trust.jks", data, "changeit")
	if err != nil || len(bundle.Entries) != len(named) {
		t.Errorf("we read %d certificates of %d: %v", len(bundle.Entries), len(named), err)
	}
	store := keystore.New()
	if err := store.Load(bytes.NewReader(data), []byte("changeit")); err != nil || len(store.Aliases()) != len(named) {
		t.Errorf("the library reads %d certificates of %d: %v", len(store.Aliases()), len(named), err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "trust.jks"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	if n := count(run(t, dir, "keytool", "-list", "-keystore", "trust.jks", "-storepass", "changeit"), "ca[0-9]+, .*trustedCertEntry"); n != len(named) {
		t.Errorf("Java reads %d certificates of %d", n, len(named))
	}
}
