package validation

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// TestHostRule holds our rule to that of the API server for what it is given last.
func TestHostRule(t *testing.T) {
	pieces := []string{"", "a", "-", ".", "*", "*.", "1", "_", "A", "example.com", "é", ":", "/", "[", "]"}
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				host := a + b + c
				if hostRule(host) != "" {
					continue
				}
				if len(validation.IsDNS1123Subdomain(host)) > 0 && len(validation.IsWildcardDNS1123Subdomain(host)) > 0 {
					t.Errorf("%q is accepted, the API server would refuse it", host)
				}
			}
		}
	}
}

func TestIsNameserver(t *testing.T) {
	for text, want := range map[string]bool{
		"ns.example.com": true, "ns.example.com:53": true, "192.0.2.1": true, "192.0.2.1:5353": true, "[2001:db8::1]": true, "[2001:db8::1]:53": true,
		"": false, ":53": false, "2001:db8::1": false, "ns.example.com:": false, "ns.example.com:dns": false, "ns:1:2": false, "[ns]:53": false, "[ns]": false, "ns:70000": false,
	} {
		if got := isNameserver(text); got != want {
			t.Errorf("isNameserver(%q) = %t", text, got)
		}
	}
}

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
