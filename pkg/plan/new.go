package plan

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

// New plans a file with its defaults set, as config.Parse returns it, and the
// certificates of its trust entries.
func New(certs v1alpha1.Certs, roots Roots) Plan {
	p := planner{index: resolve.NewIndex(&certs), certs: &certs}
	p.findStyles()
	p.findRedirects()
	p.findFollowers()
	for i := range certs.Issuers {
		p.issuer(&certs.Issuers[i])
	}
	p.gateways()
	for i := range certs.Expose {
		p.expose(&certs.Expose[i])
	}
	for i := range certs.Certificates {
		p.certificate(&certs.Certificates[i])
	}
	p.responder()
	p.endpoints()
	for i := range certs.Trust {
		p.trust(&certs.Trust[i], roots[certs.Trust[i].Name])
	}
	return p.plan
}

func (p *planner) expose(e *v1alpha1.Expose) {
	switch {
	case e.As == v1alpha1.HTTPRoute:
		p.httpRoute(e)
	case e.As == v1alpha1.VirtualServer:
		p.virtualServer(e)
	case p.index.Style(e).Mode == v1alpha1.Mergeable:
		p.mergeable(e)
	default:
		p.ingress(e)
	}
	p.static(e)
}
