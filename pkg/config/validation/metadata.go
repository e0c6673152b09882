package validation

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// name checks the name of most objects (RFC 1123 subdomain).
func (c *checker) name(at *strictyaml.Path, name string) {
	if name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
		c.bad(at, "invalid name %q: use at most 253 lower-case letters, digits, '-' and '.'", name)
	}
}

// label checks the name of a namespace, Service or environment (RFC 1123 label).
func (c *checker) label(at *strictyaml.Path, name string) {
	if name != "" && len(validation.IsDNS1123Label(name)) > 0 {
		c.bad(at, "invalid name %q: use at most 63 lower-case letters, digits and '-'", name)
	}
}

// upstream checks a name as NGINX Ingress Controller does for a VirtualServer's
// upstream and Service (RFC 1035 label).
func (c *checker) upstream(at *strictyaml.Path, name string) {
	if name != "" && len(validation.IsDNS1123Label(name)) == 0 && len(validation.IsDNS1035Label(name)) > 0 {
		c.bad(at, "%q must start with a letter, because as is VirtualServer", name)
	}
}

func (c *checker) labels(at *strictyaml.Path, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if strings.HasPrefix(key, v1alpha1.KeyPrefix) {
			c.bad(at.At(key), "%s is reserved for kubectl certs; choose another prefix", v1alpha1.KeyPrefix)
		}
	}
	c.matchLabels(at, labels)
}

// matchLabels checks a label selector, which may use our prefix.
func (c *checker) matchLabels(at *strictyaml.Path, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if errs := validation.IsQualifiedName(key); len(errs) > 0 {
			c.bad(at.At(key), "invalid label key %q: use letters, digits, '-', '_' and '.', for example app or example.com/app", key)
		}
		if errs := validation.IsValidLabelValue(labels[key]); len(errs) > 0 {
			c.bad(at.At(key), "invalid label value %q: use at most 63 letters, digits, '-', '_' and '.'", labels[key])
		}
	}
}

func (c *checker) annotations(at *strictyaml.Path, annotations map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if errs := validation.IsQualifiedName(strings.ToLower(key)); len(errs) > 0 {
			c.bad(at.At(key), "invalid annotation key %q: use letters, digits, '-', '_' and '.', for example example.com/note", key)
		}
	}
}

// written lists the annotations of cert-manager
// (pkg/controller/certificate-shim and pkg/apis) and NGINX Ingress Controller
// that are generated from fields of certs.yaml, with the fields. A key that
// ends in * is a prefix.
var written = []struct{ key, instead string }{
	{"cert-manager.io/issuer", "use issuer"},
	{"cert-manager.io/cluster-issuer", "use issuer"},
	{"cert-manager.io/issuer-kind", "use issuer, and kind of the issuer"},
	{"cert-manager.io/issuer-group", "use issuer, and group of the issuer"},
	{"kubernetes.io/tls-acme", "use issuer"},
	{"cert-manager.io/alt-names", "use hosts"},
	{"cert-manager.io/ip-sans", "use certificates"},
	{"cert-manager.io/uri-sans", "use certificates"},
	{"cert-manager.io/email-sans", "use certificates"},
	{"cert-manager.io/common-name", "use commonName"},
	{"cert-manager.io/subject-*", "use subject"},
	{"cert-manager.io/duration", "use duration"},
	{"cert-manager.io/renew-before", "use renewBefore"},
	{"cert-manager.io/renew-before-percentage", "use renewBeforePercentage"},
	{"cert-manager.io/usages", "use usages"},
	{"cert-manager.io/private-key-*", "use privateKey"},
	{"cert-manager.io/revision-history-limit", "use revisionHistoryLimit"},
	{"cert-manager.io/secret-template", "use secretTemplate"},
	{"cert-manager.io/issue-temporary-certificate", "it is set automatically"},
	{"cert-manager.io/ignore-tls-listeners", "leave out issuer"},
	{"acme.cert-manager.io/http01-edit-in-place", "use http01"},
	{"acme.cert-manager.io/http01-ingress-*", "use the solvers of the issuer"},
	{"acme.cert-manager.io/http01-override-*", "use http01"},
	{"acme.cert-manager.io/http01-parentref*", "use gateway"},
	{"nginx.org/mergeable-ingress-type", "use http01"},
}

// reserved reports annotations of a route that are generated.
func (c *checker) reserved(at *strictyaml.Path, annotations map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		for _, w := range written {
			prefix, many := strings.CutSuffix(w.key, "*")
			if key == w.key || many && strings.HasPrefix(key, prefix) {
				c.bad(at.At(key), "is generated; %s", w.instead)
			}
		}
	}
}
