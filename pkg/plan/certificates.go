package plan

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

func (p *planner) findRedirects() {
	p.redirects = map[[2]string][]*v1alpha1.Expose{}
	for i := range p.certs.Expose {
		if e := &p.certs.Expose[i]; e.Issuer == "" && e.As == v1alpha1.VirtualServer && e.Redirect != nil && *e.Redirect {
			key := [2]string{e.Namespace, e.SecretName}
			p.redirects[key] = append(p.redirects[key], e)
		}
	}
}

// needsTemporary reports whether a temporary certificate is needed first: the
// challenge is redirected to HTTPS, and NGINX rejects the handshake while the
// Secret is missing.
func (p *planner) needsTemporary(c *v1alpha1.Certificate) bool {
	return slices.ContainsFunc(p.redirects[[2]string{c.Namespace, c.SecretName}], func(e *v1alpha1.Expose) bool {
		return slices.ContainsFunc(e.Hosts, func(host string) bool {
			_, maybe := p.index.Validates(c, host, e.ClassName)
			return maybe
		})
	})
}

func (p *planner) certificate(c *v1alpha1.Certificate) {
	issuer := p.index.Issuer(c.Namespace, c.Issuer)
	wanted := *c.CertificateSpec.DeepCopy()
	wanted.SecretName = c.SecretName
	wanted.IssuerRef = reference(issuer)
	annotations := c.Annotations
	if p.needsTemporary(c) {
		annotations = with(annotations, TemporaryAnnotation, "true")
	}
	p.addCertificate(Object{
		Namespace: c.Namespace, Name: c.Name, Labels: c.Labels, Annotations: annotations,
		Note: strings.Join(c.DNSNames, ", ") + " in Secret " + c.SecretName,
	}, wanted, issuer)
}

// explicit plans the Certificate object of a route.
func (p *planner) explicit(e *v1alpha1.Expose, annotations map[string]string) {
	issuer := p.index.Issuer(e.CertificateNamespace(), e.Issuer)
	why := p.index.WhyExplicit(e)
	if e.Gateway != nil {
		why = p.whyExplicit[resolve.GatewayID{Namespace: e.Gateway.Namespace, Name: e.Gateway.Name}]
	}
	if e.Certificate == v1alpha1.Explicit {
		why = "as configured"
	}
	if len(annotations) == 0 {
		annotations = nil
	}
	p.addCertificate(Object{
		Namespace: e.CertificateNamespace(), Name: e.SecretName,
		Labels:      with(e.Labels, v1alpha1.SolverLabel, p.label(e)),
		Annotations: with(annotations, v1alpha1.AllowAnnotation, e.Annotations[v1alpha1.AllowAnnotation]),
		Note:        strings.Join(e.Hosts, ", ") + " (explicit: " + why + ")",
	}, certificateSpec(e.SecretName, e.Hosts, issuer, e.Options), issuer)
}
