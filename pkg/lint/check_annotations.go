package lint

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// readAnnotations are the annotations that cert-manager reads or writes on an
// Ingress or Gateway (reference/annotations in its documentation, and
// pkg/controller/certificate-shim).
var readAnnotations = append(manifest.AnnotationKeys(),
	"cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "cert-manager.io/issuer-kind", "cert-manager.io/issuer-group",
	"cert-manager.io/ignore-tls-listeners", "cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "cert-manager.io/inject-apiserver-ca",
	plan.EditInPlaceAnnotation, "acme.cert-manager.io/http01-ingress-class", "acme.cert-manager.io/http01-ingress-ingressclassname",
	"acme.cert-manager.io/http01-solver",
	plan.ParentRefName, plan.ParentRefKind, "acme.cert-manager.io/http01-parentrefnamespace", "acme.cert-manager.io/http01-parentreffallback",
)

// unread are annotations that cert-manager defines but does not read on an
// Ingress or Gateway, and the reason.
var unread = map[string]string{
	"cert-manager.io/uri-sans":                                      "cert-manager documents it but does not read it; use a Certificate",
	plan.TemporaryAnnotation:                                        "is read on a Certificate only; use one, or edit-in-place",
	plan.OverrideIngress:                                            "is read on a Certificate only",
	"acme.cert-manager.io/http01-override-ingress-class":            "is read on a Certificate only; use http01-ingress-class here",
	"acme.cert-manager.io/http01-override-ingress-ingressclassname": "is read on a Certificate only; use http01-ingress-ingressclassname here",
	"cert-manager.io/allow-direct-injection":                        "is read on a Secret only",
}

// unwatched are kinds of routes that cert-manager does not watch, by group.
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

// annotations checks cert-manager's annotations.
func (l *linter) annotations(o manifest.Object) {
	if id := o.ID(); slices.Contains(unwatched[id.Group], id.Kind) {
		for _, key := range []string{"cert-manager.io/issuer", "cert-manager.io/cluster-issuer"} {
			if o.Annotations()[key] != "" {
				l.report("C308", id, "metadata.annotations."+key, "is on %s; cert-manager reads it only on Ingress and on Gateway of the Gateway API", strings.TrimSuffix(id.Kind+" of "+id.Group, " of "))
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
			l.report("C306", o.ID(), field, "is from cert-manager before 0.11; use cert-manager.io/%s", strings.TrimPrefix(key, beforeV1))
		case ofCertManager && !slices.Contains(readAnnotations, key):
			l.report("C306", o.ID(), field, "is not an annotation of cert-manager%s", strictyaml.Suggest(key, readAnnotations))
		}
	}
}

// unknownAllowed reports allowed IDs that do not exist.
func (l *linter) unknownAllowed(o manifest.Object) {
	for _, id := range l.allowed[l.at] {
		if _, known := RuleOf(id); !known {
			l.report("C407", o.ID(), "metadata.annotations."+v1alpha1.AllowAnnotation, "%q is not the ID of a finding", id)
		}
	}
}
