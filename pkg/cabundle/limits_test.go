package cabundle

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// many returns a bundle of some certificates of a size.
func many(n, bytes int) Bundle {
	one := root("Corp Root")
	var b Bundle
	for i := range n {
		c := *one
		c.Raw = slices.Concat(one.Raw, []byte(fmt.Sprint(i)), make([]byte, bytes))
		b.Entries = append(b.Entries, Entry{Cert: &c, Position: finding.Position{Source: "many.pem", Line: i + 1}})
	}
	return b
}

func TestCheckLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		bundle Bundle
		target Target
		want   []string
	}{
		"none":               {many(0, 0), Generic, nil},
		"some":               {many(20, 0), Generic, nil},
		"too much for apply": {many(200, 1000), Generic, []string{"warning T203: 386800 bytes of PEM in a ConfigMap, too much for kubectl apply without --server-side"}},
		"over 1 MiB":         {many(100, 10_000), Generic, []string{"warning T206: 1412200 bytes of PEM, but a Secret or ConfigMap holds 1048576"}},
		"ten for AKS": {many(10, 0), AKS, []string{
			"note T204: AKS does not add custom CAs to Windows node pools",
			"note T205: nodes trust these CAs, but containers in pods do not",
		}},
		"eleven for AKS": {many(11, 0), AKS, []string{
			"error T201: 11 certificates, but AKS accepts 10",
			"note T204: AKS does not add custom CAs to Windows node pools",
			"note T205: nodes trust these CAs, but containers in pods do not",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range Check(tt.bundle, tt.target, now) {
				if f.Position == (finding.Position{}) {
					got = append(got, f.String())
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		manifest string
		want     []string
	}{
		"small":              {configMap("data:\n", value("ca.crt", a)), nil},
		"too much for apply": {configMap("data:\n", value("ca.crt", a), "  more: ", strings.Repeat("x", 262_000), "\n"), []string{"T203"}},
		"over 1 MiB":         {configMap("data:\n", value("ca.crt", a), "  more: ", strings.Repeat("x", MaxObject), "\n"), []string{"T202", "T203"}},
		"Secret over 1 MiB":  {secret("Opaque", "data:\n  ca.crt: ", b64(a), "\n  more: ", b64(strings.Repeat("x", MaxObject)), "\n"), []string{"T202", "T203"}},
		"binary over 1 MiB":  {configMap("data:\n", value("ca.crt", a), "binaryData:\n  more: ", b64(strings.Repeat("x", MaxObject)), "\n"), []string{"T202", "T203"}},
	} {
		t.Run(name, func(t *testing.T) {
			bundle, err := Read("ca.yaml", []byte(tt.manifest))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range bundle.Findings {
				if f.ID != "T121" { // a finding about every manifest
					got = append(got, f.ID)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestReadManySafes: each safe needs few rounds, all together too many.
func TestReadManySafes(t *testing.T) {
	_, err := Read("x.p12", []byte(manySafes()), "changeit")
	const want = "x.p12: cannot read PKCS#12: it needs 5010000 rounds of hashing, over the limit of 5000000; try openssl pkcs12 -nokeys"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
