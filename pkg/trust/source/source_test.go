package source_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/source"
)

// corpus returns a file of testdata/trust.
func corpus(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "trust", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inFolder changes to a new folder with some files, and links where a value
// starts with "-> ".
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, link := strings.CutPrefix(content, "-> "); link {
			err = os.Symlink(target, name)
		} else {
			err = os.WriteFile(name, []byte(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// outcome is what reading some sources comes to: the source of each
// certificate, the errors, and the notes.
type outcome struct {
	From, Errors, Notes []string
}

func read(t *testing.T, r source.Reader, do func(source.Reader) (source.Contents, error)) outcome {
	t.Helper()
	var got outcome
	r.Note = func(text string) { got.Notes = append(got.Notes, text) }
	contents, err := do(r)
	for _, e := range contents.Bundle().Entries {
		got.From = append(got.From, e.Position.Source)
	}
	if err != nil {
		got.Errors = strings.Split(err.Error(), "\n")
	}
	return got
}

func TestRead(t *testing.T) {
	root, p12 := string(corpus(t, "one.pem")), string(corpus(t, "store-other-password.p12"))
	inFolder(t, map[string]string{
		"root.pem": root, "second.pem": root, "locked.p12": p12,
		"corp/a.pem": root, "corp/sub/b.crt": root, "corp/.hidden.pem": root, "corp/.git/c.pem": root,
		"corp/README": "text", "corp/x1": "text", "corp/x2": "text", "corp/x3": "text", "corp/loop": "-> sub",
		"empty/README": "text", "claims/odd.pem": "text",
	})
	for name, tt := range map[string]struct {
		sources []string
		want    outcome
	}{
		"files in order": {[]string{"second.pem", "root.pem"}, outcome{From: []string{"second.pem", "root.pem"}}},
		"stdin":          {[]string{"-"}, outcome{From: []string{"stdin"}}},
		"stdin twice":    {[]string{"-", "-"}, outcome{Errors: []string{"use - for stdin only once"}}},
		"a folder": {[]string{"corp"}, outcome{
			From: []string{"corp/a.pem", "corp/sub/b.crt"},
			Notes: []string{
				"skipped 4 files without certificates in corp: README, x1, x2 and 1 more",
				"skipped 1 link to folders in corp; to read them, name them as sources: loop",
			},
		}},
		"a folder without any": {[]string{"empty"}, outcome{
			Errors: []string{"empty: no file with certificates"},
			Notes:  []string{"skipped 1 file without certificates in empty: README"},
		}},
		"a glob":                                {[]string{"*.pem"}, outcome{From: []string{"root.pem", "second.pem"}}},
		"a glob of folders":                     {[]string{"cor?/sub"}, outcome{From: []string{"corp/sub/b.crt"}}},
		"a glob without a match":                {[]string{"*.der"}, outcome{Errors: []string{"*.der: no file matches"}}},
		"a glob in no folder":                   {[]string{"gone/*.pem"}, outcome{Errors: []string{"gone/*.pem: no file matches"}}},
		"what is not there":                     {[]string{"gone"}, outcome{Errors: []string{"gone: no such file or folder"}}},
		"a host without a port":                 {[]string{"registry.example.com"}, outcome{Errors: []string{"registry.example.com: no such file or folder; for a TLS server add the port: registry.example.com:443"}}},
		"one without colons":                    {[]string{"9f1c339F1C33"}, outcome{Errors: []string{"9f1c339F1C33: incomplete SHA-256 fingerprint; all 64 digits are needed"}}},
		"the beginning of a fingerprint":        {[]string{"9f:1c"}, outcome{Errors: []string{"9f:1c: incomplete SHA-256 fingerprint; all 64 digits are needed"}}},
		"a file like a host":                    {[]string{"corp.example.pem"}, outcome{Errors: []string{"corp.example.pem: no such file or folder"}}},
		"a URL":                                 {[]string{"https://x"}, outcome{Errors: []string{"https://x: not a file or HOST:PORT"}}},
		"all errors, and the rest":              {[]string{"gone", "root.pem", "https://x"}, outcome{From: []string{"root.pem"}, Errors: []string{"gone: no such file or folder", "https://x: not a file or HOST:PORT"}}},
		"a found file that claims certificates": {[]string{"claims"}, outcome{Errors: []string{"claims/odd.pem: no certificate found: not PEM, DER, PKCS#7, PKCS#12, JKS or a manifest with these"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, source.Reader{Stdin: strings.NewReader(root)}, func(r source.Reader) (source.Contents, error) {
				return r.Read(t.Context(), tt.sources)
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestReadPasswords: the first correct password opens a keystore. Without one,
// the error is ErrPassword.
func TestReadPasswords(t *testing.T) {
	inFolder(t, map[string]string{"locked.p12": string(corpus(t, "store-other-password.p12"))})
	_, err := source.Reader{Passwords: []string{"", "changeit"}}.Read(t.Context(), []string{"locked.p12"})
	if !errors.Is(err, cabundle.ErrPassword) {
		t.Errorf("got %v, want %v", err, cabundle.ErrPassword)
	}
	contents, err := source.Reader{Passwords: []string{"", "secret"}}.Read(t.Context(), []string{"locked.p12"})
	if err != nil || len(contents.Bundle().Entries) == 0 {
		t.Errorf("got %d certificates and %v", len(contents.Bundle().Entries), err)
	}
}

// TestReadBeside: sources that a file names are relative to its folder. Servers,
// stdin and paths outside the work tree are rejected.
func TestReadBeside(t *testing.T) {
	root := string(corpus(t, "one.pem"))
	inFolder(t, map[string]string{
		"outside.pem": root, "repo/.git/HEAD": "x", "repo/ca/root.pem": root, "repo/top.pem": root,
		"repo/ca/link.pem": "-> ../../outside.pem",
	})
	for name, tt := range map[string]struct {
		names []string
		want  outcome
	}{
		"none":             {nil, outcome{}},
		"a file":           {[]string{"root.pem"}, outcome{From: []string{"repo/ca/root.pem"}}},
		"one above":        {[]string{"../top.pem"}, outcome{From: []string{"repo/top.pem"}}},
		"the folder":       {[]string{"../ca/roo*"}, outcome{From: []string{"repo/ca/root.pem"}}},
		"stdin is a name":  {[]string{"-"}, outcome{Errors: []string{"repo/ca/-: no such file or folder"}}},
		"server is a name": {[]string{"localhost:1"}, outcome{Errors: []string{"repo/ca/localhost:1: no such file or folder"}}},
		"all errors":       {[]string{"a", "root.pem", "b*"}, outcome{From: []string{"repo/ca/root.pem"}, Errors: []string{"repo/ca/a: no such file or folder", "repo/ca/b*: no file matches"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, source.Reader{}, func(r source.Reader) (source.Contents, error) {
				return r.ReadBeside(t.Context(), filepath.Join("repo", "ca"), tt.names)
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, name := range []string{"../../outside.pem", "link.pem", "*.pem", "../.git/HEAD"} {
		_, err := source.Reader{}.ReadBeside(t.Context(), filepath.Join("repo", "ca"), []string{name})
		if list, ok := errors.AsType[problem.List](err); !ok || len(list) != 1 {
			t.Errorf("%s: got %v, want one refusal", name, err)
		}
	}
}

// TestReadEnds: reading a folder stops if the context is canceled.
func TestReadEnds(t *testing.T) {
	inFolder(t, map[string]string{"corp/root.pem": string(corpus(t, "one.pem"))})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (source.Reader{}).Read(ctx, []string{"corp"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReadServer(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	var waits []string
	r := source.Reader{Progress: func(what string) func() {
		waits = append(waits, what)
		return func() { waits = append(waits, "done") }
	}}
	contents, err := r.Read(t.Context(), []string{address})
	if err != nil || len(contents.Chains) != 1 || len(contents.Bundles) != 0 {
		t.Fatalf("got %v and %v", contents, err)
	}
	chain := contents.Chains[0]
	if e := chain.Certs[0]; chain.Address != address || !e.Cert.Equal(server.Certificate()) || !e.Sent || e.Position.String() != address+": certificate 1" {
		t.Errorf("got %+v", chain)
	}
	if diff := cmp.Diff([]string{"connecting to " + address, "done"}, waits); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	server.Close()
	if _, err := r.Read(t.Context(), []string{address}); err == nil || !strings.HasPrefix(err.Error(), "connect to "+address+": ") {
		t.Errorf("a server that is gone: got %v", err)
	}
}

// chainOf is a chain as a server sends it, of files of testdata/trust.
func chainOf(t *testing.T, address string, files ...string) source.Chain {
	t.Helper()
	c := source.Chain{Address: address}
	for _, name := range files {
		b, err := cabundle.Read(name, corpus(t, name))
		if err != nil {
			t.Fatal(err)
		}
		e := b.Entries[0]
		e.Sent = true
		c.Certs = append(c.Certs, e)
	}
	return c
}

// TestPin: of each chain only what is pinned counts, and then as if it were
// from a file.
func TestPin(t *testing.T) {
	a, b := chainOf(t, "a:443", "leaf.pem", "one.pem"), chainOf(t, "b:443", "leaf.pem")
	leaf, root, other := cabundle.PinOf(a.Certs[0]), cabundle.PinOf(a.Certs[1]), cabundle.Pin{}
	for name, tt := range map[string]struct {
		pins                                  []cabundle.Pin
		entries, unpinned, matched, unmatched int
	}{
		"none":             {nil, 0, 2, 0, 0},
		"one of one":       {[]cabundle.Pin{root}, 1, 1, 1, 0},
		"one of both":      {[]cabundle.Pin{leaf}, 2, 0, 1, 0},
		"all":              {[]cabundle.Pin{leaf, root}, 3, 0, 2, 0},
		"an unrelated one": {[]cabundle.Pin{root, other}, 1, 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := source.Pin([]source.Chain{a, b}, tt.pins)
			if diff := cmp.Diff([]int{tt.entries, tt.unpinned, tt.matched, tt.unmatched}, []int{len(got.Entries), len(got.Unpinned), len(got.Matched), len(got.Unmatched)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, e := range got.Entries {
				if e.Sent {
					t.Errorf("%s still counts as a server's", e.Position)
				}
			}
		})
	}
	if !a.Certs[0].Sent || !a.Certs[1].Sent {
		t.Error("the chains were changed")
	}
}

// TestCertificates: servers and files with unreadable certificates are rejected,
// and each error has a hint.
func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	address := server.Listener.Addr().String()
	inFolder(t, map[string]string{
		"one.pem": string(corpus(t, "one.pem")), "two words.pem": string(corpus(t, "cut-end.pem")),
		"locked.p12": string(corpus(t, "store-other-password.p12")),
	})
	for name, tt := range map[string]struct {
		sources         []string
		certs           int
		err, wantedHint string
	}{
		"none":             {},
		"each once":        {sources: []string{"one.pem", "one.pem"}, certs: 1},
		"not there":        {sources: []string{"gone"}, err: "gone: no such file or folder"},
		"a server":         {sources: []string{"one.pem", address}, err: address + ": TLS servers are not supported here", wantedHint: "write its CA to a file with kubectl certs trust bundle " + address + " --pin …"},
		"a file cut short": {sources: []string{"one.pem", "two words.pem"}, err: "two words.pem:1: ", wantedHint: "kubectl certs trust inspect one.pem 'two words.pem'"},
		"a password":       {sources: []string{"locked.p12"}, err: "locked.p12: ", wantedHint: "write the password to a file and use --password-file"},
	} {
		t.Run(name, func(t *testing.T) {
			entries, err := source.Reader{Passwords: []string{""}}.Certificates(t.Context(), tt.sources)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if len(entries) != tt.certs || !strings.HasPrefix(text, tt.err) || (tt.err == "") != (err == nil) {
				t.Errorf("got %d certificates and %v", len(entries), err)
			}
			if got, _ := hint.Of(err); got != tt.wantedHint {
				t.Errorf("hint %q, want %q", got, tt.wantedHint)
			}
		})
	}
}

// TestHintNamesCertificateFiles: the hint names files as the user does.
func TestHintNamesCertificateFiles(t *testing.T) {
	inFolder(t, map[string]string{"ca/cut.pem": string(corpus(t, "cut-end.pem"))})
	_, err := source.Reader{}.CertificatesBeside(t.Context(), "ca", []string{"cut.pem"})
	if got, _ := hint.Of(err); got != "kubectl certs trust inspect ca/cut.pem" {
		t.Errorf("got %v with hint %q", err, got)
	}
}

func TestFingerprints(t *testing.T) {
	digits := strings.Repeat("ab", 32)
	colons := strings.TrimSuffix(strings.Repeat("AB:", 32), ":")
	pin, err := cabundle.ParsePin("sha256:" + digits)
	if err != nil {
		t.Fatal(err)
	}
	pins, sources, err := source.Fingerprints([]string{"roots.pem", digits, colons, "sha256:" + digits, "SHA256:" + colons, digits[2:], "-"})
	if diff := cmp.Diff([]cabundle.Pin{pin, pin, pin, pin}, pins); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"roots.pem", digits[2:], "-"}, sources); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWords(t *testing.T) {
	if diff := cmp.Diff([]string{"-", "./-o", "a.pem"}, source.Words([]string{"-", "-o", "a.pem"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
