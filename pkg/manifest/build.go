package manifest

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// Built is an object together with what the plan says it is for.
type Built struct {
	Object
	Note string
}

// Build writes every object of a plan: issuers, the responder's Service,
// explicit Certificates, Gateways, routes and DNSEndpoints, each in the order of
// the plan. There are no defaulted
// fields in it, so that what is applied is what is stored.
func Build(p plan.Plan) []Built {
	objects := make([]Built, 0, len(p.Issuers)+len(p.Certificates)+len(p.Gateways)+len(p.Routes)+len(p.Endpoints)+1)
	for _, i := range p.Issuers {
		objects = append(objects, Built{issuer(i), i.Note})
	}
	if r := p.Responder; r != nil {
		objects = append(objects, Built{responder(*r), r.Note})
	}
	for _, c := range p.Certificates {
		objects = append(objects, Built{certificate(c), c.Note})
	}
	for _, g := range p.Gateways {
		objects = append(objects, Built{gateway(g), g.Note})
	}
	for _, r := range p.Routes {
		objects = append(objects, Built{routeObject(r), r.Note})
	}
	for _, e := range p.Endpoints {
		objects = append(objects, Built{dnsEndpoint(e), e.Note})
	}
	return objects
}

func routeObject(r plan.Route) Object {
	switch r.Kind {
	case spec.VirtualServer:
		return virtualServer(r)
	case plan.VirtualServerRoute:
		return virtualServerRoute(r)
	case spec.HTTPRoute:
		return httpRoute(r)
	}
	return ingress(r)
}

// newObject starts an object; annotations beyond the planned ones may be nil.
func newObject(apiVersion, kind string, o plan.Object, annotations map[string]string) Object {
	metadata := map[string]any{"name": o.Name}
	if o.Namespace != "" {
		metadata["namespace"] = o.Namespace
	}
	putTexts(metadata, "labels", o.Labels)
	putTexts(metadata, "annotations", o.Annotations, annotations)
	return Object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
}

// putTexts sets a key to the union of some maps, unless that is empty.
func putTexts(into map[string]any, key string, maps ...map[string]string) {
	texts := map[string]any{}
	for _, m := range maps {
		for k, v := range m {
			texts[k] = v
		}
	}
	if len(texts) > 0 {
		into[key] = texts
	}
}
