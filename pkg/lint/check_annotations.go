package lint

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// readAnnotations are what cert-manager reads on an Ingress or a Gateway, or
// writes there (reference/annotations in its docs, pkg/controller/certificate-shim).
var readAnnotations = append(manifest.AnnotationKeys(),
	"cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "cert-manager.io/issuer-kind", "cert-manager.io/issuer-group",
	"cert-manager.io/ignore-tls-listeners", "cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "cert-manager.io/inject-apiserver-ca",
	plan.EditInPlaceAnnotation, "acme.cert-manager.io/http01-ingress-class", "acme.cert-manager.io/http01-ingress-ingressclassname",
	"acme.cert-manager.io/http01-solver",
	plan.ParentRefName, plan.ParentRefKind, "acme.cert-manager.io/http01-parentrefnamespace", "acme.cert-manager.io/http01-parentreffallback",
)

// unread are annotations that look as if they were read, and why they are not.
var unread = map[string]string{
	"cert-manager.io/uri-sans":                                      "cert-manager documents it and does not read it; write a Certificate",
	plan.TemporaryAnnotation:                                        "is read on a Certificate only; write one, or edit-in-place",
	plan.OverrideIngress:                                            "is read on a Certificate only",
	"acme.cert-manager.io/http01-override-ingress-class":            "is read on a Certificate only; here it is http01-ingress-class",
	"acme.cert-manager.io/http01-override-ingress-ingressclassname": "is read on a Certificate only; here it is http01-ingress-ingressclassname",
	"cert-manager.io/allow-direct-injection":                        "is read on a Secret only",
}

// unwatched are kinds that lead to hosts and that people annotate, by group.
var unwatched = map[string][]string{
	"traefik.io":                {"IngressRoute", "IngressRouteTCP"},
	"traefik.containo.us":       {"IngressRoute", "IngressRouteTCP"},
	"networking.istio.io":       {"Gateway", "VirtualService"},
	"gateway.networking.k8s.io": {"HTTPRoute", "GRPCRoute", "TLSRoute"},
	"k8s.nginx.org":             {"VirtualServer", "TransportServer"},
	"projectcontour.io":         {"HTTPProxy"},
	"":                          {"Service"},
}

const beforeV1 = "certmanager.k8s.io/"

// annotations checks those of objects that ask by annotation.
func (l *linter) annotations(o manifest.Object) {
	if id := o.ID(); slices.Contains(unwatched[id.Group], id.Kind) {
		for _, key := range []string{"cert-manager.io/issuer", "cert-manager.io/cluster-issuer"} {
			if o.Annotations()[key] != "" {
				l.report("C308", id, "metadata.annotations."+key, "is on %s, and cert-manager reads it on Ingress and the Gateway API's Gateway", strings.TrimSuffix(id.Kind+" of "+id.Group, " of "))
			}
		}
	}
	if id := o.ID(); id.Kind != "Ingress" && (id.Kind != "Gateway" || id.Group != "gateway.networking.k8s.io") {
		return
	}
	for key := range o.Annotations() {
		ofCertManager := strings.HasPrefix(key, "cert-manager.io/") || strings.HasPrefix(key, "acme.cert-manager.io/")
		field := "metadata.annotations." + key
		switch why := unread[key]; {
		case why != "":
			l.report("C306", o.ID(), field, "%s", why)
		case strings.HasPrefix(key, beforeV1):
			l.report("C306", o.ID(), field, "is of cert-manager before 0.11; write cert-manager.io/%s", strings.TrimPrefix(key, beforeV1))
		case ofCertManager && !slices.Contains(readAnnotations, key):
			l.report("C306", o.ID(), field, "is none of cert-manager's%s", strictyaml.Suggest(key, readAnnotations))
		}
	}
}

// unknownAllowed reports IDs that somebody agrees with and that are none.
func (l *linter) unknownAllowed(o manifest.Object) {
	for _, id := range l.allowed[l.at] {
		if _, known := RuleOf(id); !known {
			l.report("C407", o.ID(), "metadata.annotations."+v1alpha1.AllowAnnotation, "%q is no finding", id)
		}
	}
}
