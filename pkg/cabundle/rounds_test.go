package cabundle

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// TestHashRoundsAreLimited: the rounds of hashing of all keystores in a file count
// together, since each of them alone takes a millisecond.
func TestHashRoundsAreLimited(t *testing.T) {
	store, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", "store-ca-key.p12"))
	if err != nil {
		t.Fatal(err)
	}
	each := rounds(store, 0)
	code := base64.StdEncoding.EncodeToString(store)
	refused := "its PKCS#12 stores need more than 5000000 rounds of hashing together; split it"
	for name, tt := range map[string]struct {
		data  []byte
		field string
	}{
		"DER":      {slices.Repeat(store, 3), ""},
		"base64":   {[]byte(base64.StdEncoding.EncodeToString(slices.Repeat(store, 3))), ""},
		"manifest": {fmt.Appendf(nil, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a.p12: %s, b.p12: %[1]s, c.p12: %[1]s}\n", code), "data.c.p12: "},
	} {
		for left, want := range map[int64]string{3 * each: "<nil>", 3*each - 1: tt.field + refused} {
			spent := int64(maxRounds) - left
			r := newReader([]string{"changeit"}, func(_ int, field string) finding.Position { return finding.Position{Field: field} })
			r.rounds = &spent
			if diff := cmp.Diff(want, fmt.Sprint(r.read(tt.data))); diff != "" {
				t.Errorf("%s with %d rounds left (-want +got):\n%s", name, left, diff)
			}
		}
	}
}
