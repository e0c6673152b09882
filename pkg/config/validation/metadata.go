package validation

import (
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

// written are the annotations of cert-manager (pkg/controller/certificate-shim
// and pkg/apis) and of NGINX Ingress Controller that are made from fields of
// certs.yaml, and the fields; a key that ends in * stands for all that begin so.
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
	{"cert-manager.io/issue-temporary-certificate", "it is set where it is needed"},
	{"cert-manager.io/ignore-tls-listeners", "leave out issuer"},
	{"acme.cert-manager.io/http01-edit-in-place", "use http01"},
	{"acme.cert-manager.io/http01-ingress-*", "use the solvers of the issuer"},
	{"acme.cert-manager.io/http01-override-*", "use http01"},
	{"acme.cert-manager.io/http01-parentref*", "use gateway"},
	{"nginx.org/mergeable-ingress-type", "use http01"},
}

// reserved reports annotations of a route that are not the user's to set.
func (c *checker) reserved(at *strictyaml.Path, annotations map[string]string) {
	for _, key := range sortedKeys(annotations) {
		for _, w := range written {
			prefix, many := strings.CutSuffix(w.key, "*")
			if key == w.key || many && strings.HasPrefix(key, prefix) {
				c.bad(at.At(key), "is written from other fields; %s", w.instead)
			}
		}
	}
}
