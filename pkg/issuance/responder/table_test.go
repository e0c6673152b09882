package responder

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableParse(t *testing.T) {
	a, b := strings.Repeat("a", 43), strings.Repeat("b", 43)
	const short = "must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)"
	const empty = "empty host; list hosts after =, or omit = for every host"
	for name, tt := range map[string]struct {
		values []string
		errs   []string
		want   map[string]string // thumbprints by host
	}{
		"every host":             {[]string{a}, nil, map[string]string{"www.example.com": a}},
		"some hosts":             {[]string{a + "=www.example.com,shop.example.com"}, nil, map[string]string{"www.example.com": a, "shop.example.com": a, "other.example.com": ""}},
		"some, and all others":   {[]string{b, a + "=www.example.com"}, nil, map[string]string{"www.example.com": a, "other.example.com": b}},
		"an address":             {[]string{a + "=2001:DB8:0::1"}, nil, map[string]string{"2001:db8::1": a}},
		"two accounts of a host": {[]string{a + "=www.example.com", b + "=www.example.com"}, nil, map[string]string{"www.example.com": a + " " + b}},
		"too short":              {[]string{"short", a, "short=www.example.com"}, []string{short, short}, map[string]string{"www.example.com": a}},
		"an empty host":          {[]string{a + "=www.example.com,", b + "="}, []string{empty, empty}, map[string]string{"www.example.com": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			var table Table
			var errs []string
			for _, value := range tt.values {
				if err := table.Parse(value); err != nil {
					errs = append(errs, err.Error())
				}
			}
			if diff := cmp.Diff(tt.errs, errs); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			for host, want := range tt.want {
				if got := strings.Join(table.Thumbprints(host), " "); got != want {
					t.Errorf("%s: got %q, want %q", host, got, want)
				}
			}
		})
	}
}
