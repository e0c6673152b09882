package validation

import (
	"slices"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// http01Fits checks that the selected HTTP-01 solvers use the kind of route and
// the class of the host.
func (c *checker) http01Fits(at *strictyaml.Path, e *v1alpha1.Expose, issuer *v1alpha1.Issuer, index *resolve.Index) {
	picks := index.SolverIndexes(e)
	c.http01Mode(at.At("http01"), e, index)
	for i, pick := range picks {
		if pick < 0 || issuer.ACME.Solvers[pick].HTTP01 == nil {
			continue
		}
		h := issuer.ACME.Solvers[pick].HTTP01
		class := h.AnyClass()
		switch {
		case e.As == v1alpha1.HTTPRoute && h.IsIngress():
			c.bad(hostAt(e, at, i), "is served by a Gateway, but solvers[%d] of issuer %s uses an Ingress; write http01: {} or gatewayHTTPRoute there", pick, issuer.Name)
		case e.As != v1alpha1.HTTPRoute && h.GatewayHTTPRoute != nil:
			c.bad(hostAt(e, at, i), "is served by an Ingress, but solvers[%d] of issuer %s uses a Gateway; write http01: {} or ingress there", pick, issuer.Name)
		case class != "" && e.ClassName != "" && class != e.ClassName && e.As != v1alpha1.HTTPRoute:
			c.bad(hostAt(e, at, i), "is on class %s, but solvers[%d] of issuer %s uses class %s; write http01: {} there to use both", e.ClassName, pick, issuer.Name, class)
		}
	}
}

// http01Mode checks the http01 field, which is required if the solvers of the
// issuer are not known.
func (c *checker) http01Mode(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	issuer := index.Issuer(e.CertificateNamespace(), e.Issuer)
	unproved := slices.Contains(index.SolverIndexes(e), -1) // reported elsewhere
	onNGINX := e.As == v1alpha1.Ingress && index.Controller(e.ClassName) == v1alpha1.NGINXIngressController
	switch {
	case e.HTTP01 == "" && onNGINX && index.MayUseHTTP01(e):
		c.bad(at, "required, because the solvers of issuer %s are not in this file; for HTTP-01 write mergeable or edit-in-place, else plain", issuer.Name)
	case e.HTTP01 == "" || !fits(e.HTTP01, e.As):
	case e.HTTP01 == v1alpha1.Static && issuer.Existing:
		c.bad(at, "static is not possible: the solvers of issuer %s are not in this file; define the issuer here instead of existing: true, or use another http01", issuer.Name)
	case !issuer.Existing && !unproved && !index.UsesHTTP01(e):
		c.bad(at, "no host is validated by HTTP-01; leave it out")
	case e.HTTP01 == v1alpha1.Plain && onNGINX && index.UsesHTTP01(e):
		c.bad(at, "plain is not possible: NGINX Ingress Controller rejects a second Ingress for a host, and the challenge needs one; leave it out, or write edit-in-place")
	case e.HTTP01 == v1alpha1.Mergeable && e.ClassName == "":
		c.bad(at, "mergeable is only for NGINX Ingress Controller; set className to its class")
	case e.HTTP01 == v1alpha1.Mergeable && !onNGINX:
		c.bad(at, "mergeable is only for NGINX Ingress Controller; if it serves class %q, add the class to ingressClasses", e.ClassName)
	}
}

// fits reports whether a kind of route supports a mode: some are only for an
// Ingress.
func fits(m v1alpha1.HTTP01Mode, as v1alpha1.RouteKind) bool {
	return as == v1alpha1.Ingress || m != v1alpha1.Mergeable && m != v1alpha1.EditInPlace
}

// static checks an entry with static challenge routes.
func (c *checker) static(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	if len(index.StaticHosts(e)) == 0 {
		return
	}
	if e.As == v1alpha1.HTTPRoute && e.Namespace == "" {
		c.bad(at.At("namespace"), "required with http01: static, because the Gateway lists the namespaces from which routes may attach")
	}
	for i, r := range e.Routes {
		if strings.HasPrefix(r.Path+"/", v1alpha1.ChallengePath) {
			c.bad(at.At("routes").Item(i).At("path"), "%q is the path of the challenges, which http01: static routes to the responder; leave it out", shortened(r.Path))
		}
	}
}

func (c *checker) responder(at *strictyaml.Path, r v1alpha1.Responder) {
	c.label(at.At("namespace"), r.Namespace)
	c.label(at.At("service"), r.Service)
	if len(validation.IsDNS1123Label(r.Service)) == 0 && len(validation.IsDNS1035Label(r.Service)) > 0 {
		c.bad(at.At("service"), "%q must start with a letter, because it is the name of a Service", r.Service)
	}
	if r.Port < 1 || r.Port > 65535 {
		c.bad(at.At("port"), "must be from 1 to 65535")
	}
}

// blocked reports hosts without an issuer where the Ingress would block the
// challenge of the entry of certificates that shares their Secret.
func (c *checker) blocked(at *strictyaml.Path, index *resolve.Index) {
	bySecret := map[string]*v1alpha1.Certificate{}
	for i := range c.certs.Certificates {
		cert := &c.certs.Certificates[i]
		bySecret[resolve.FullName(cert.Namespace, cert.SecretName)] = cert
	}
	for i := range c.certs.Expose {
		e := &c.certs.Expose[i]
		if e.Issuer != "" || e.As != v1alpha1.Ingress || index.Controller(e.ClassName) != v1alpha1.NGINXIngressController {
			continue
		}
		cert := bySecret[resolve.FullName(e.Namespace, e.SecretName)]
		if cert == nil || cert.Annotations[cmacme.ACMECertificateHTTP01IngressNameOverride] != "" {
			continue
		}
		for j, host := range e.Hosts {
			if sure, _ := index.Validates(cert, host, e.ClassName); sure {
				c.bad(hostAt(e, at.Item(i), j), "NGINX Ingress Controller would block the HTTP-01 challenge for certificate %s; write issuer: %s here instead of that certificate", cert.Name, cert.Issuer)
			}
		}
	}
}
