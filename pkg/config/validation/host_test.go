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
