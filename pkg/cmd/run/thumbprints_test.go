package run

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseThumbprints(t *testing.T) {
	a, b := strings.Repeat("a", 43), strings.Repeat("b", 43)
	for name, tt := range map[string]struct {
		values []string
		err    string
		want   map[string]string // thumbprints by host
	}{
		"every host":             {[]string{a}, "", map[string]string{"www.example.com": a}},
		"some hosts":             {[]string{a + "=www.example.com,shop.example.com"}, "", map[string]string{"www.example.com": a, "shop.example.com": a, "other.example.com": ""}},
		"some, and all others":   {[]string{b, a + "=www.example.com"}, "", map[string]string{"www.example.com": a, "other.example.com": b}},
		"two accounts of a host": {[]string{a + "=www.example.com", b + "=www.example.com"}, "", map[string]string{"www.example.com": a + " " + b}},
		"too short":              {[]string{"short", a}, `--thumbprint "short": must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)`, nil},
		"an empty host":          {[]string{a + "=www.example.com,"}, "--thumbprint " + a + "=www.example.com,: a host is empty; name the hosts after =, or leave out = for every host", nil},
		"all errors": {[]string{"x", "y=www.example.com"},
			`--thumbprint "x": must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)` + "\n" +
				`--thumbprint "y": must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := parseThumbprints(tt.values)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.err, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			for host, want := range tt.want {
				if got := strings.Join(table.Thumbprints(host), " "); got != want {
					t.Errorf("%s: got %q, want %q", host, got, want)
				}
			}
		})
	}
}
