package manifest

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Built is an object with its description from the plan.
type Built struct {
	Object
	Note string
	Part string // as in plan.Object
}

// Build builds every object of a plan: issuers with their roots, the
// responder's Service, explicit Certificates, Gateways, routes, DNSEndpoints
// and objects with CA certificates, each in the order of the plan. They have no
// defaulted fields, so the stored objects equal the applied ones.
func Build(p plan.Plan) []Built {
	objects := make([]Built, 0, len(p.Issuers)+len(p.Certificates)+len(p.Gateways)+len(p.Routes)+len(p.Endpoints)+len(p.Anchors)+1)
	add := func(o Object, from plan.Object) { objects = append(objects, Built{o, from.Note, from.Part}) }
	for _, i := range p.Issuers {
		if i.Root != nil {
			add(certificate(*i.Root), i.Root.Object)
		}
		add(issuer(i), i.Object)
	}
	if r := p.Responder; r != nil {
		add(responder(*r), r.Object)
	}
	for _, c := range p.Certificates {
		add(certificate(c), c.Object)
	}
	for _, g := range p.Gateways {
		add(gateway(g), g.Object)
	}
	for _, r := range p.Routes {
		add(routeObject(r), r.Object)
	}
	for _, e := range p.Endpoints {
		add(dnsEndpoint(e), e.Object)
	}
	for _, a := range p.Anchors {
		add(anchor(a), a.Object)
	}
	return objects
}

func routeObject(r plan.Route) Object {
	switch r.Kind {
	case v1alpha1.VirtualServer:
		return virtualServer(r)
	case plan.VirtualServerRoute:
		return virtualServerRoute(r)
	case v1alpha1.HTTPRoute:
		return httpRoute(r)
	}
	return ingress(r)
}
