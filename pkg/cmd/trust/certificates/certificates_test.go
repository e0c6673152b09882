package certificates

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

func TestTable(t *testing.T) {
	root := catest.Root("Old")
	long := catest.Root("A root whose name is longer than a table can take")
	entries := []cabundle.Entry{
		{Cert: root.Certificate, Position: finding.Position{Source: "a.pem", Line: 3}},
		{Cert: long.Certificate, Position: finding.Position{Source: "b\x1b.der", Field: "certificate 1"}},
	}
	now := catest.Date(2036, 1, 11)
	for _, tt := range []struct {
		name string
		wide bool
		want string
	}{
		{"narrow", false, "SUBJECT KIND KEY EXPIRES SHA256 USED-FOR\n" +
			"CN=Old root Ed25519 expired 10d " + pki.Fingerprint(root.Certificate)[:23] + "… any\n" +
			"CN=A root whose name is longer than a table can t… root Ed25519 expired 10d " + pki.Fingerprint(long.Certificate)[:23] + "… any\n"},
		{"wide", true, "SUBJECT KIND KEY EXPIRES SHA256 USED-FOR NOT-BEFORE SIGNATURE ISSUER SOURCE\n" +
			"CN=Old root Ed25519 2036-01-01 " + pki.Fingerprint(root.Certificate) + " any 2020-01-01 Ed25519 CN=Old a.pem:3\n" +
			"CN=A root whose name is longer than a table can take root Ed25519 2036-01-01 " + pki.Fingerprint(long.Certificate) +
			` any 2020-01-01 Ed25519 CN=A root whose name is longer than a table can take b\u001b.der: certificate 1` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := PrintTable(iostreams.IO{Out: &out}, entries, now, tt.wide); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, squeezed(out.String())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	var out bytes.Buffer
	if err := PrintTable(iostreams.IO{Out: &out}, nil, now, false); err != nil || out.Len() > 0 {
		t.Errorf("no certificates: %v, %q", err, out.String())
	}
}

// squeezed takes the padding of columns out of a table.
func squeezed(table string) string {
	var lines strings.Builder
	for line := range strings.Lines(table) {
		lines.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return lines.String()
}

func TestExpiry(t *testing.T) {
	end := catest.Date(2027, 1, 1)
	for want, now := range map[string]time.Time{"31d": catest.Date(2026, 12, 1), "expired 30d": catest.Date(2027, 1, 31)} {
		if got := Expiry(end, now); got != want {
			t.Errorf("on %s: %s, want %s", Day(now), got, want)
		}
	}
}

func TestCA(t *testing.T) {
	root := catest.Root("Old").Certificate
	want := "CN=Old, until 2036-01-01, sha256 " + pki.Fingerprint(root)
	if got := CAOf(root).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := CAsOf(nil); got != nil {
		t.Errorf("no certificates are %v", got)
	}
}
