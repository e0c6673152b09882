package watch

import (
	"errors"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Grant allows a namespace to validate a host that it does not route.
type Grant struct {
	Namespace string
	// Host is a name, or a wildcard for one or more labels.
	Host string
}

// ParseGrant parses NAMESPACE=HOST.
func ParseGrant(text string) (Grant, error) {
	namespace, host, _ := strings.Cut(text, "=")
	name := strings.TrimPrefix(host, "*.")
	_, notAddress := netip.ParseAddr(host)
	if len(validation.IsDNS1123Label(namespace)) > 0 || notAddress != nil && len(validation.IsDNS1123Subdomain(strings.ToLower(name))) > 0 {
		return Grant{}, errors.New("must be NAMESPACE=HOST with a host name, a wildcard or an IP address, such as shop=www.example.com")
	}
	return Grant{Namespace: namespace, Host: host}, nil
}
