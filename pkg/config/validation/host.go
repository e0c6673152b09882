package validation

import (
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// host checks a DNS name that may start with "*.".
func (c *checker) host(at *strictyaml.Path, host string) {
	if rule := hostRule(host); rule != "" {
		c.bad(at, "%q %s", host, rule)
	}
}

// hostRule returns the rule that a host name breaks, "" if it is valid.
func hostRule(host string) string {
	bare := strings.TrimPrefix(host, "*.")
	switch {
	case host == "":
		return "is empty"
	case isIP(host):
		return "is an IP address; use a host name"
	case strings.Contains(host, "://") || strings.Contains(host, "/"):
		return "is a URL; write only the host name"
	case strings.Contains(host, ":"):
		return "has a port; write only the host name"
	case !isASCII(host):
		return "is not ASCII; write its xn--… form"
	case host != strings.ToLower(host):
		return "must be lower case"
	case strings.HasSuffix(host, "."):
		return "ends in a dot; leave it out"
	case strings.Contains(bare, "*"):
		return "may have * only as the first label, for example *.example.com"
	case len(validation.IsDNS1123Subdomain(bare)) > 0:
		return "is not a valid host name; use letters, digits, '-' and '.'"
	}
	for label := range strings.SplitSeq(bare, ".") {
		if len(label) > 63 {
			return "has a label of more than 63 characters"
		}
	}
	return ""
}

func isIP(host string) bool {
	last := host[len(host)-1]
	if last != ']' && (last < '0' || '9' < last) && !strings.Contains(host, ":") {
		return false // cheaper than the error of ParseAddr
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 })
}

// email checks a bare address, without a display name or mailto:.
func (c *checker) email(at *strictyaml.Path, address string) {
	user, domain, found := strings.Cut(address, "@")
	if !found || user == "" || domain == "" || strings.ContainsAny(address, " \t\r\n<>,:;\"") || strings.Contains(domain, "@") {
		c.bad(at, "invalid email address %q: use a form such as ops@example.com", address)
	}
}

func hostAt(e *v1alpha1.Expose, at *strictyaml.Path, i int) *strictyaml.Path {
	if e.Host != "" {
		return at.At("host")
	}
	return at.At("hosts").Item(i)
}

// servedBy names the class or Gateway of an entry. Each may serve a host once.
func servedBy(e *v1alpha1.Expose) string {
	if e.Gateway != nil {
		return "Gateway " + resolve.FullName(e.Gateway.Namespace, e.Gateway.Name)
	}
	if e.ClassName == "" {
		return "the default class"
	}
	return "class " + e.ClassName
}
