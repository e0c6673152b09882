package spec

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// TestListenerName wants another name for every host, none of them that of
// plain HTTP, and all of them what the Gateway API allows.
func TestListenerName(t *testing.T) {
	pieces := []string{"", "*.", "wildcard.", "host-", "wildcard", "host", "http", "example.com", "a.", "-"}
	names := map[string]string{PlainListener: "plain HTTP"}
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				host := a + b + c
				if hostRule(host) != "" {
					continue
				}
				name := ListenerName(host)
				if other, taken := names[name]; taken && other != host {
					t.Errorf("%q and %q have one listener, %q", other, host, name)
				}
				names[name] = host
				if wrong := validation.IsDNS1123Subdomain(name); len(wrong) > 0 {
					t.Errorf("ListenerName(%q) = %q: %v", host, name, wrong)
				}
			}
		}
	}
	if len(names) < 100 {
		t.Errorf("only %d names", len(names))
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
