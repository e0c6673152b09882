package resolve

import (
	"reflect"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// WhyExplicit returns why the certificate of e needs a Certificate object. It
// is "" if an annotation (or a VirtualServer's tls.cert-manager) can express
// all fields and later changes reach the Certificate. Sources: cert-manager
// pkg/controller/certificate-shim, NGINX Ingress Controller
// internal/certmanager.
func (x *Index) WhyExplicit(e *v1alpha1.Expose) string {
	if e.Issuer == "" {
		return ""
	}
	if x.Style(e).Mode == v1alpha1.Mergeable {
		return "NGINX redirects the challenge until the first certificate exists"
	}
	if option := beyondAnnotations(&e.Options, e.As); option != "" {
		return option
	}
	if e.As == v1alpha1.VirtualServer && len(e.Hosts) > 1 {
		return "a VirtualServer requests a certificate only for its own host"
	}
	return ""
}

// beyondAnnotations names a field that annotations cannot express, or that the
// controllers read only once.
func beyondAnnotations(o *v1alpha1.Options, as v1alpha1.RouteKind) string {
	const lost = " cannot be changed by annotation later"
	for _, option := range []struct {
		name  string
		given bool
	}{
		{"usages", len(o.Usages) > 0},
		{"subject", o.Subject != nil},
		{"renewBeforePercentage", o.RenewBeforePercentage != nil},
		{"secretTemplate", o.SecretTemplate != nil},
		{"duration", o.Duration != nil && as == v1alpha1.VirtualServer},
		{"renewBefore", o.RenewBefore != nil && as == v1alpha1.VirtualServer},
	} {
		if option.given {
			return option.name + lost
		}
	}
	const unknown = " cannot be requested by annotation"
	for _, option := range []struct {
		name  string
		given bool
	}{
		{"keystores", o.Keystores != nil},
		{"additionalOutputFormats", len(o.AdditionalOutputFormats) > 0},
		{"renewal", o.Renewal != nil},
		{"privateKey", o.PrivateKey != nil && as == v1alpha1.VirtualServer},
		{"revisionHistoryLimit", o.RevisionHistoryLimit != nil && as == v1alpha1.VirtualServer},
	} {
		if option.given {
			return option.name + unknown
		}
	}
	return ""
}

// GatewayID names a Gateway.
type GatewayID struct{ Namespace, Name string }

// Gateways groups the exposed HTTPRoutes by Gateway, as indices into Expose.
func Gateways(c *v1alpha1.Certs) map[GatewayID][]int {
	groups := map[GatewayID][]int{}
	for i := range c.Expose {
		if g := c.Expose[i].Gateway; g != nil && c.Expose[i].As == v1alpha1.HTTPRoute {
			id := GatewayID{g.Namespace, g.Name}
			groups[id] = append(groups[id], i)
		}
	}
	return groups
}

// WhyExplicitGateway returns why the certificates of a Gateway need Certificate
// objects, "" if they do not: a Gateway has one set of annotations and labels
// for all its listeners.
func (x *Index) WhyExplicitGateway(members []int) string {
	first := &x.certs.Expose[members[0]]
	for _, i := range members {
		e := &x.certs.Expose[i]
		switch why := x.WhyExplicit(e); {
		case why != "":
			return why
		case e.Certificate == v1alpha1.Explicit:
			return "a host of the Gateway has certificate: explicit"
		case e.Issuer == "":
			return "a host of the Gateway has its own Secret"
		case e.Issuer != first.Issuer || !reflect.DeepEqual(e.Options, first.Options):
			return "hosts of the Gateway request different certificates"
		case len(e.Labels) > 0 && x.selectsByLabel(e):
			return "the labels of the route select the solver"
		}
	}
	return ""
}

func (x *Index) selectsByLabel(e *v1alpha1.Expose) bool {
	issuer := x.Issuer(e.CertificateNamespace(), e.Issuer)
	return issuer != nil && issuer.ACME != nil && slices.ContainsFunc(issuer.ACME.Solvers, func(s v1alpha1.Solver) bool {
		return s.Selector != nil && len(s.Selector.MatchLabels) > 0
	})
}
