package validation

import "testing"

func TestCommonName(t *testing.T) {
	for subject, want := range map[string]string{
		"":                            "",
		"CN=a.example.com":            "a.example.com",
		"O=A, CN = a.example.com ,C=": "a.example.com",
		"CN=first,CN=second":          "first",
		"O=A+CN=b;C=DE":               "b",
		`O=A\,CN=b`:                   "",
		`CN=a\,b`:                     "a,b",
		"2.5.4.3=a":                   "a",
		"CN=#0c0161":                  "",
		"cn=a":                        "", // cert-manager knows it in capitals only
		"O=CN":                        "",
	} {
		if got := commonName(subject); got != want {
			t.Errorf("commonName(%q) = %q, want %q", subject, got, want)
		}
	}
}
