package validation

import (
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// name checks the name of most objects (RFC 1123 subdomain).
func (c *checker) name(at *strictyaml.Path, name string) {
	if name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
		c.bad(at, "%q is no object name; use lower-case letters, digits, '-' and '.', at most 253", name)
	}
}

// label checks the name of a namespace, Service or environment (RFC 1123 label).
func (c *checker) label(at *strictyaml.Path, name string) {
	if name != "" && len(validation.IsDNS1123Label(name)) > 0 {
		c.bad(at, "%q is no name; use lower-case letters, digits and '-', at most 63", name)
	}
}

// upstream checks that a name is what NGINX Ingress Controller wants of a
// VirtualServer's upstream and Service (RFC 1035 label).
func (c *checker) upstream(at *strictyaml.Path, name string) {
	if name != "" && len(validation.IsDNS1123Label(name)) == 0 && len(validation.IsDNS1035Label(name)) > 0 {
		c.bad(at, "%q must start with a letter, for a VirtualServer", name)
	}
}

func (c *checker) labels(at *strictyaml.Path, labels map[string]string) {
	for _, key := range sortedKeys(labels) {
		if strings.HasPrefix(key, v1alpha1.KeyPrefix) {
			c.bad(at.At(key), "%s is for labels of kubectl certs itself; choose another prefix", v1alpha1.KeyPrefix)
		}
	}
	c.matchLabels(at, labels)
}

// matchLabels checks labels that select, and may be ours.
func (c *checker) matchLabels(at *strictyaml.Path, labels map[string]string) {
	for _, key := range sortedKeys(labels) {
		if errs := validation.IsQualifiedName(key); len(errs) > 0 {
			c.bad(at.At(key), "%q is no label key; use letters, digits, '-', '_' and '.', as in app or example.com/app", key)
		}
		if errs := validation.IsValidLabelValue(labels[key]); len(errs) > 0 {
			c.bad(at.At(key), "%q is no label value; use letters, digits, '-', '_' and '.', at most 63", labels[key])
		}
	}
}

func (c *checker) annotations(at *strictyaml.Path, annotations map[string]string) {
	for _, key := range sortedKeys(annotations) {
		if errs := validation.IsQualifiedName(strings.ToLower(key)); len(errs) > 0 {
			c.bad(at.At(key), "%q is no annotation key; use letters, digits, '-', '_' and '.', as in example.com/note", key)
		}
	}
}

// host checks a DNS name that may start with "*.".
func (c *checker) host(at *strictyaml.Path, host string) {
	if rule := hostRule(host); rule != "" {
		c.bad(at, "%q %s", host, rule)
	}
}

// hostRule says what is wrong with a host name, "" if nothing is.
func hostRule(host string) string {
	bare := strings.TrimPrefix(host, "*.")
	switch {
	case host == "":
		return "is empty"
	case isIP(host):
		return "is an IP address; a host name is needed here"
	case strings.Contains(host, "://") || strings.Contains(host, "/"):
		return "is a URL; write the host name alone"
	case strings.Contains(host, ":"):
		return "has a port; write the host name alone"
	case !isASCII(host):
		return "is not ASCII; write the name's xn--… form"
	case host != strings.ToLower(host):
		return "must be lower case"
	case strings.HasSuffix(host, "."):
		return "ends in a dot; leave it out"
	case strings.Contains(bare, "*"):
		return "may have one *, as the first label, as in *.example.com"
	case len(validation.IsDNS1123Subdomain(bare)) > 0:
		return "is no host name; use letters, digits, '-' and '.'"
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

// email checks the address alone, without a name or mailto:.
func (c *checker) email(at *strictyaml.Path, address string) {
	user, domain, found := strings.Cut(address, "@")
	if !found || user == "" || domain == "" || strings.ContainsAny(address, " \t\r\n<>,:;\"") || strings.Contains(domain, "@") {
		c.bad(at, "%q is no e-mail address; write one such as ops@example.com", address)
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 })
}
