package cabundle

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

var update = flag.Bool("update", false, "rewrite the corpus in testdata/trust and docs/trust.md")

var corpusDir = filepath.Join("..", "..", "testdata", "trust")

// samples are the corpus: forms of CA certificates, and their usual
// errors. Their keys and dates are deterministic.
func samples() []sample {
	return slices.Concat(pemSamples(), certificateSamples(), binarySamples(), manifestSamples())
}

// TestCorpus compares every sample with its file, and its findings with the
// file beside it.
func TestCorpus(t *testing.T) {
	all := samples()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			golden(t, s.name, s.data)
			got := told(s)
			golden(t, s.name+".want", got)
			mustNotLeak(t, got)
		})
	}
	checkNothingElse(t, all)
	if len(all) < 60 {
		t.Errorf("only %d samples", len(all))
	}
}

func golden(t *testing.T, name, want string) {
	t.Helper()
	file := filepath.Join(corpusDir, name)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), want); diff != "" {
		t.Errorf("%s is not what it was; go test ./pkg/trust -update rewrites it (-file +now):\n%s", name, diff)
	}
}

// told is the complete output for a sample.
func told(s sample) string {
	bundle, err := Read(s.name, []byte(s.data), s.passwords...)
	if err != nil {
		return fmt.Sprintf("error: %v\n", err)
	}
	var b strings.Builder
	for _, e := range bundle.Entries {
		fmt.Fprintf(&b, "%s: %s for %s\n", e.Position, KindOf(e.Cert), list(UsedFor(e.Cert)))
	}
	for _, target := range Targets {
		fmt.Fprintf(&b, "\n%s:\n", target)
		for _, f := range Check(bundle, target, now) {
			if f.ID != "T204" && f.ID != "T205" { // findings about every bundle
				fmt.Fprintln(&b, f)
			}
		}
	}
	return b.String()
}

func checkNothingElse(t *testing.T, all []sample) {
	t.Helper()
	known := map[string]bool{}
	for _, s := range all {
		if known[s.name] {
			t.Errorf("two samples are called %s", s.name)
		}
		known[s.name], known[s.name+".want"] = true, true
	}
	entries, err := os.ReadDir(corpusDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !known[e.Name()] {
			t.Errorf("testdata/trust/%s belongs to no sample", e.Name())
		}
	}
}

// mustNotLeak fails if a text holds any eight bytes of the fixtures' key, in
// the open or as PEM has them.
func mustNotLeak(t testing.TB, text string) {
	t.Helper()
	for _, secret := range []string{secretBytes, b64(secretBytes), b64(b64(secretBytes))} {
		for i := range len(secret) - 7 {
			if strings.Contains(text, secret[i:i+8]) {
				t.Fatalf("holds bytes of the private key: %s", text)
			}
		}
	}
}

// TestCorpusNormalises normalises every sample, and reads the result again.
func TestCorpusNormalises(t *testing.T) {
	for _, s := range samples() {
		bundle, err := Read(s.name, []byte(s.data), s.passwords...)
		if err != nil || len(bundle.Entries) == 0 {
			continue
		}
		for _, target := range Targets {
			t.Run(s.name+" for "+string(target), func(t *testing.T) { checkNormal(t, bundle, target) })
		}
	}
}

// checkNormal checks the properties of the canonical form.
func checkNormal(t *testing.T, bundle Bundle, target Target) {
	t.Helper()
	kept := Normalise(bundle.Entries)
	once := Encode(kept, target)
	again, err := Read("again", once)
	if err != nil {
		t.Fatal(err)
	}
	if twice := Encode(Normalise(again.Entries), target); !bytes.Equal(once, twice) {
		t.Errorf("not the same the second time (-once +twice):\n%s", cmp.Diff(string(once), string(twice)))
	}
	if n := poolSize(once); n != len(kept) {
		t.Errorf("crypto/x509 reads %d certificates of %d", n, len(kept))
	}
	for _, f := range Check(Bundle{Findings: again.Findings}, target, now) {
		if f.Position != (finding.Position{}) {
			t.Errorf("its form is found fault with: %s", f)
		}
	}
	if size, _ := pemSize(bundle.Entries); target == Generic && size != len(once) {
		t.Errorf("pemSize says %d, it has %d bytes", size, len(once))
	}
	if bytes.Contains(once, []byte("PRIVATE KEY")) && !bytes.Contains(once, []byte(`\x2d`)) {
		t.Errorf("holds a private key:\n%s", once)
	}
}

// poolSize is how many certificates Go, and so Kubernetes, sees in a text.
func poolSize(text []byte) int {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	//lint:ignore SA1019 it leaves out roots of the system only, and there are none in this pool
	return len(pool.Subjects())
}

// TestCorpusAgainstGo compares the findings about a file with Go's parser,
// which the kubelet, containerd and most operators use: if there is no finding
// about the form, Go reads the same certificates.
func TestCorpusAgainstGo(t *testing.T) {
	for _, s := range samples() {
		bundle, err := Read(s.name, []byte(s.data), s.passwords...)
		if err != nil || filepath.Ext(s.name) != ".pem" {
			continue
		}
		if seen, want := poolSize([]byte(s.data)), len(Normalise(bundle.Entries)); seen != want && finding.Worst(Check(bundle, Generic, now)) != finding.Error {
			t.Errorf("%s: Go sees %d of %d certificates, and no error is found", s.name, seen, want)
		}
	}
}

// azSplits cuts a file as az does: at blank lines, what is left empty dropped.
func azSplits(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n\n"), func(s string) bool { return len(s) <= 1 })
}

// TestCorpusAgainstAz compares it with what az sends: without findings, each
// piece is one certificate and nothing else.
func TestCorpusAgainstAz(t *testing.T) {
	for _, s := range samples() {
		bundle, err := Read(s.name, []byte(s.data), s.passwords...)
		if err != nil {
			continue
		}
		checkAz(t, s.name+" written for AKS", string(Encode(Normalise(bundle.Entries), AKS)))
		if s.data != "" && !isManifest(s.data) && finding.Worst(Check(bundle, AKS, now)) != finding.Error {
			checkAz(t, s.name, s.data)
		}
	}
}

func checkAz(t *testing.T, name, text string) {
	t.Helper()
	for i, piece := range azSplits(text) {
		block, rest := pem.Decode([]byte(piece))
		if block == nil || len(rest) > 0 || !strings.HasPrefix(piece, begin) {
			t.Errorf("%s: piece %d is not one certificate:\n%s", name, i, piece)
		}
	}
}
