package spec

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
)

// TestPatterns holds the patterns of the schema to the functions that the
// parser calls, over all texts of a few pieces.
func TestPatterns(t *testing.T) {
	duration, quantity := regexp.MustCompile(durationPattern), regexp.MustCompile(quantityPattern)
	signs, numbers := []string{"", "-", "+", " "}, []string{"", "0", "1", "12", ".", "1.5", ".5", "1.", "1h", "1.5m", "0h"}
	units := []string{"", "h", "m", "s", "ms", "us", "µs", "μs", "ns", "d", "e3", "E-2", "Ki", "Mi", "k", "n", "E", " ", "x"}
	accepted := 0
	for _, a := range signs {
		for _, b := range numbers {
			for _, c := range numbers {
				for _, d := range units {
					text := a + b + c + d
					_, err := time.ParseDuration(text)
					if got := duration.MatchString(text); got != (err == nil) {
						t.Errorf("duration %q: pattern %t, parser %v", text, got, err)
					}
					_, wrong := resource.ParseQuantity(text)
					if quantity.MatchString(text) && wrong != nil { // the other way round the pattern is ours
						t.Errorf("quantity %q fits the pattern, but: %v", text, wrong)
					}
					if err == nil || wrong == nil {
						accepted++
					}
				}
			}
		}
	}
	if accepted < 500 {
		t.Errorf("only %d texts are accepted", accepted)
	}
}

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

// TestPasswordNotQuoted: a password in the wrong place is refused, and not shown.
func TestPasswordNotQuoted(t *testing.T) {
	for _, password := range []string{"123456", "'123456'", "[123456]", "{123456: 123456}", "!!int 123456"} {
		source := "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers: [{name: x, selfSigned: {}}]\n" +
			"certificates: [{name: a, namespace: b, dnsNames: [a.dev], issuer: x, keystores: {jks: {create: true, password: " + password + "}}}]\n"
		if _, err := Parse("certs.yaml", []byte(source)); err == nil || strings.Contains(err.Error(), "123456") {
			t.Errorf("%s: %v", password, err)
		}
	}
}
