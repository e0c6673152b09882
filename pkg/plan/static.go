package plan

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

// The response to an HTTP-01 challenge is the token and the thumbprint of the
// account key (RFC 8555 §8.1), so a responder with the thumbprint can answer
// every challenge of the account. If a host has a static challenge route to a
// responder, issuance writes only the TLS Secret. The route is a prefix: a
// longer one of a cert-manager solver takes precedence.

// The pods of the Service: their label and its value, and the port they listen
// on.
const (
	ResponderLabel       = "app.kubernetes.io/name"
	ResponderApp         = "certs-responder"
	ResponderPort  int32 = 8089
)

// VirtualServerRoute is the kind of a VirtualServer's static challenge route.
const VirtualServerRoute v1alpha1.RouteKind = "VirtualServerRoute"

// IsStatic reports whether the route is a static challenge route.
func (r Route) IsStatic() bool { return r.Labels[v1alpha1.StaticLabel] == v1alpha1.StaticValue }

// responder plans the Service, if any route leads to it.
func (p *planner) responder() {
	if !slices.ContainsFunc(p.plan.Routes, Route.IsStatic) {
		return
	}
	r := p.certs.Responder
	p.plan.Responder = &Responder{
		Object: Object{
			Namespace: r.Namespace, Name: r.Service,
			Labels: map[string]string{v1alpha1.StaticLabel: v1alpha1.StaticValue, ResponderLabel: ResponderApp},
			Note:   "serves the HTTP-01 challenges of all hosts",
		},
		Port: r.Port,
	}
}

// static plans the static challenge routes of an entry: one for each host if an
// object can have only one.
func (p *planner) static(e *v1alpha1.Expose) {
	hosts := p.index.StaticHosts(e)
	if len(hosts) == 0 {
		return
	}
	if e.As == v1alpha1.VirtualServer || p.index.Style(e).Mode == v1alpha1.Mergeable {
		for _, i := range hosts {
			p.plan.Routes = append(p.plan.Routes, p.staticRoute(e, e.StaticName(i), e.Hosts[i]))
		}
		return
	}
	names := make([]string, len(hosts))
	for n, i := range hosts {
		names[n] = e.Hosts[i]
	}
	p.plan.Routes = append(p.plan.Routes, p.staticRoute(e, e.StaticName(0), names...))
}

func (p *planner) staticRoute(e *v1alpha1.Expose, name string, hosts ...string) Route {
	responder := p.certs.Responder
	r := Route{
		Object: Object{
			Namespace: responder.Namespace, Name: name, Labels: map[string]string{v1alpha1.StaticLabel: v1alpha1.StaticValue},
			Note: strings.Join(hosts, ", ") + ": HTTP-01 challenges → " + responder.Service,
		},
		Kind: e.As, Class: e.ClassName, Hosts: hosts,
		Paths: []v1alpha1.Route{{Path: v1alpha1.ChallengePath, Service: responder.Service, Port: intstr.FromInt32(responder.Port)}},
	}
	switch {
	case e.As == v1alpha1.HTTPRoute:
		r.Class, r.Gateway = "", resolve.GatewayID{Namespace: e.Gateway.Namespace, Name: e.Gateway.Name}
		r.Listeners = []string{PlainListener}
	case e.As == v1alpha1.VirtualServer:
		r.Kind = VirtualServerRoute
	case p.index.Style(e).Mode == v1alpha1.Mergeable:
		r.Annotations = map[string]string{MergeableAnnotation: "minion"}
	case p.index.Controller(e.ClassName) == "k8s.io/ingress-nginx":
		// Its webhook used to reject a dot in a path of another type
		// (ingress-nginx#13798).
		r.Paths[0].PathType = v1alpha1.ImplementationSpecific
	}
	return r
}

// challenges names the VirtualServerRoute for a host's challenges, "" for none.
func (p *planner) challenges(e *v1alpha1.Expose, host int) string {
	if !slices.Contains(p.index.StaticHosts(e), host) {
		return ""
	}
	return p.certs.Responder.Namespace + "/" + e.StaticName(host)
}
