package operator

import "testing"

func TestShortNames(t *testing.T) {
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{nil, ""},
		{[]string{"a.example.com"}, "a.example.com"},
		{[]string{"a.example.com", "b.example.com", "c.example.com"}, "a.example.com +2"},
	} {
		if got := (Row{Names: tt.names}).ShortNames(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.names, got, tt.want)
		}
	}
}

// TestShortIssuer: a ClusterIssuer needs no kind, an Issuer does.
func TestShortIssuer(t *testing.T) {
	for issuer, want := range map[string]string{"ClusterIssuer acme": "acme", "Issuer shop/acme": "Issuer shop/acme", "": ""} {
		if got := (Row{Issuer: issuer}).ShortIssuer(); got != want {
			t.Errorf("%q: got %q, want %q", issuer, got, want)
		}
	}
}
