package cabundle

import (
	"crypto/x509"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePin(t *testing.T) {
	hex64 := strings.Repeat("0f", 32)
	for in, want := range map[string]string{
		"sha256:" + hex64:                            "sha256:" + hex64,
		"sha256:" + strings.ToUpper(hex64):           "sha256:" + hex64,
		"sha256:" + strings.Repeat("0F:", 31) + "0f": "sha256:" + hex64,
		hex64:                    "",
		"sha256:" + hex64[2:]:    "",
		"sha256:" + hex64 + "00": "",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=": "",
		"": "",
	} {
		pin, err := ParsePin(in)
		if got := pin.String(); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%q: got %s and error %v", in, got, err)
		}
	}
}

func TestPins(t *testing.T) {
	leaf, middle, top := issued(&x509.Certificate{}), issued(caTemplate("Corp Intermediate")), root("Corp Root")
	chain := []Entry{{Cert: leaf}, {Cert: middle}, {Cert: top}}
	for name, tt := range map[string]struct {
		chain []Entry
		want  *x509.Certificate
	}{
		"whole":       {chain, top},
		"no root":     {chain[:2], middle},
		"server only": {chain[:1], leaf},
	} {
		t.Run(name, func(t *testing.T) {
			pin := PinOf(PinFor(tt.chain))
			kept := Pinned(chain, []Pin{{}, pin})
			if len(kept) != 1 || !kept[0].Cert.Equal(tt.want) {
				t.Errorf("%d kept:\n%s", len(kept), cmp.Diff(tt.want.Subject.String(), kept[0].Cert.Subject.String()))
			}
		})
	}
	if kept := Pinned(chain, []Pin{{}}); len(kept) > 0 {
		t.Errorf("%d kept without a pin of theirs", len(kept))
	}
}
