package validation

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

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
